import { expect, it } from 'vitest';
import { dialled, masked } from './format';

/** What stands in the field after each key. */
const typed = (keys: string) => [...keys].reduce((field, key) => masked(field + key), '');

it('sets a phone number apart while it is typed', () => {
  expect(typed('11')).toBe('11');
  expect(typed('113')).toBe('(11) 3');
  expect(typed('1133330001')).toBe('(11) 3333-0001');
  expect(typed('11999990001')).toBe('(11) 99999-0001');
  expect(typed('5511999990001')).toBe('5511999990001');
  expect(typed('+5511999990001')).toBe('+55 (11) 99999-0001');
  expect(typed('+15550100001')).toBe('+15550100001');
});

it('reads a number that is pasted, and lets it be taken away again', () => {
  expect(masked(' +55 11 99999-0001 ')).toBe('+55 (11) 99999-0001');
  let field = '(11) 99999-0001';
  while (field) {
    const shorter = masked(field.slice(0, -1));
    expect(shorter.length).toBeLessThan(field.length);
    field = shorter;
  }
});

it('changes no digit that is dialled', () => {
  for (const written of ['11999990001', '1133330001', '+5511999990001', '+15550100001']) {
    expect(dialled(masked(written))).toBe(dialled(written));
  }
});
