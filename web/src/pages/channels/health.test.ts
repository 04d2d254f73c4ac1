import { expect, it } from 'vitest';
import { reasonOf } from './health';

it('says what is wrong with a number, where the code tells', () => {
  expect(reasonOf(190)).toBe('reasonToken');
  expect(reasonOf(210)).toBe('reasonPermission');
  expect(reasonOf(131042)).toBe('reasonPayment');
  expect(reasonOf(99)).toBeNull();
  expect(reasonOf(null)).toBeNull();
});
