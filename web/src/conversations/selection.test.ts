import { expect, it } from 'vitest';
import { among, extended, MOST_SELECTED, NOTHING, toggled } from './selection';

const order = ['a', 'b', 'c', 'd'];

it('takes one in and out', () => {
  const one = toggled(NOTHING, 'b');
  expect([...one.ids]).toEqual(['b']);
  expect([...toggled(one, 'b').ids]).toEqual([]);
});

it('takes a range from where it began, in either direction', () => {
  const from = toggled(NOTHING, 'c');
  expect(among(extended(from, 'a', order), order)).toEqual(['a', 'b', 'c']);
  const both = extended(extended(from, 'a', order), 'd', order);
  expect(among(both, order)).toEqual(order);
  expect(among(extended(NOTHING, 'b', order), order)).toEqual(['b']);
});

it('forgets what is not in the list any more, and never holds too many', () => {
  expect(among(toggled(NOTHING, 'x'), order)).toEqual([]);
  const many = Array.from({ length: 150 }, (_, at) => String(at));
  const all = extended(toggled(NOTHING, '0'), '149', many);
  expect(all.ids.size).toBe(MOST_SELECTED);
});
