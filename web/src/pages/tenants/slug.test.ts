import { expect, it } from 'vitest';
import { slugOf } from './slug';

it('makes identifiers that the server takes', () => {
  expect(slugOf('Padaria da Ana')).toBe('padaria-da-ana');
  expect(slugOf('  Açaí & Cia. (Zona Sul) ')).toBe('acai-cia-zona-sul');
  expect(slugOf(`${'x'.repeat(62)} yz`)).toBe('x'.repeat(62));
  expect(slugOf('💬')).toBe('');
});
