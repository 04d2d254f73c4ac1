import { expect, it } from 'vitest';
import { keyOf } from './keys';

it('makes a key of a name', () => {
  expect(keyOf('Data de renovação')).toBe('data_de_renovacao');
  expect(keyOf(' 2ª via? ')).toBe('via');
  expect(keyOf('!')).toBe('');
});
