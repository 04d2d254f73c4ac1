import { describe, expect, it } from 'vitest';
import { mentionedIn, named, replaced, triggerAt } from './triggers';

describe('what is being written', () => {
  it('is a canned reply after a slash that begins a word', () => {
    expect(triggerAt('/boas', 5, false)).toEqual({ kind: 'canned', word: 'boas', from: 0, to: 5 });
    expect(triggerAt('Oi /', 4, false)).toMatchObject({ kind: 'canned', word: '', from: 3 });
    expect(triggerAt('e/ou', 4, false)).toBeNull();
    expect(triggerAt('https://a', 9, false)).toBeNull();
    expect(triggerAt('/boas vindas', 12, false)).toBeNull();
  });

  it('is a name only in notes', () => {
    expect(triggerAt('veja @an', 8, false)).toBeNull();
    expect(triggerAt('veja @an', 8, true)).toEqual({ kind: 'mention', word: 'an', from: 5, to: 8 });
    expect(triggerAt('ana@exa', 7, true)).toBeNull();
  });

  it('gives way to what was picked, in the middle of a text too', () => {
    const trigger = triggerAt('veja @an por favor', 8, true);
    expect(trigger && replaced('veja @an por favor', trigger, '@Ana ', 8)).toEqual([
      'veja @Ana  por favor',
      10,
    ]);
  });

  it('takes nothing away that was typed before it came', () => {
    const trigger = triggerAt('/ola', 4, false);
    if (!trigger) throw new Error('no trigger');
    expect(replaced('/ola e mais', trigger, 'Olá!', 11)).toEqual(['Olá! e mais', 11]);
    expect(replaced('Bom dia', trigger, ' Olá!', 7)).toEqual(['Bom dia Olá!', 12]);
    expect(replaced('', trigger, 'Olá!', 0)).toEqual(['Olá!', 4]);
  });
});

it('finds people by any of their names, without accents', () => {
  const people = [{ full_name: 'Ana Luísa' }, { full_name: 'Ângela' }, { full_name: 'Bruno' }];
  expect(named(people, 'an').map(({ full_name }) => full_name)).toEqual(['Ana Luísa', 'Ângela']);
  expect(named(people, 'luis')).toHaveLength(1);
});

it('tells only those who are still named', () => {
  const picked = [
    { id: '1', name: 'Ana' },
    { id: '2', name: 'Bruno' },
    { id: '1', name: 'Ana' },
  ];
  expect(mentionedIn('@Ana, veja isto', picked)).toEqual(['1']);
});
