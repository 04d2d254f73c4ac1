import { expect, it } from 'vitest';
import { NO_DRAFT, takenBack } from './drafts';
import type { Pending } from './outbox';

const unsent = { text: 'Bom dia, @Bruno', note: false, replyTo: 'm3' } as Pending;
const nameOf = (user: string) => (user === 'u2' ? 'Bruno' : null);

it('is the whole of what was not sent, before what was begun meanwhile', () => {
  const begun = { ...NO_DRAFT, text: 'Mais uma coisa' };
  expect(takenBack(begun, { ...unsent, mentions: ['u2', 'u9'] }, nameOf)).toEqual({
    text: 'Bom dia, @Bruno\nMais uma coisa',
    note: false,
    replyTo: 'm3',
    mentions: [{ id: 'u2', name: 'Bruno' }],
    files: [],
  });
});

it('makes no answer of a note', () => {
  const begun = { ...NO_DRAFT, text: 'Ele mente', note: true };
  expect(takenBack(begun, unsent, nameOf).note).toBe(true);
  expect(takenBack({ ...NO_DRAFT, note: true }, unsent, nameOf).note).toBe(false);
});
