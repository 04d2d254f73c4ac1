import { describe, expect, it } from 'vitest';
import { changesOf, shown } from './changes';

describe('what changed', () => {
  it('is told field by field, into what is nested', () => {
    const before = { role: 'attendant', hours: { active: true, zone: 'UTC' }, same: [1] };
    const after = { role: 'supervisor', hours: { active: false, zone: 'UTC' }, same: [1] };
    expect(changesOf(before, after)).toEqual([
      { field: 'role', before: 'attendant', after: 'supervisor' },
      { field: 'hours.active', before: true, after: false },
    ]);
  });

  it('is all of something new', () => {
    expect(changesOf(null, { name: 'Vendas' })).toEqual([
      { field: 'name', before: undefined, after: 'Vendas' },
    ]);
  });

  it('is said in words and names', () => {
    const names = new Map([['1', 'Vendas']]);
    const words = { yes: 'Sim', no: 'Não', nothing: '—' };
    expect(shown(['1', '2'], names, words)).toBe('Vendas, 2');
    expect(shown(false, names, words)).toBe('Não');
    expect(shown([], names, words)).toBe('—');
    expect(shown({ a: 1 }, names, words)).toBe('{"a":1}');
  });
});
