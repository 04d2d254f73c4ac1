import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Conversation } from '../api/types';
import { queries } from '../app/queries';
import { forgetForeignDrafts, keepDraft, NO_DRAFT, readDraft, takenBack } from './drafts';
import { whole } from './filters';
import type { Pending } from './outbox';
import { keys } from './queries';

vi.mock('../api/session', async (original) => ({
  ...(await original<typeof import('../api/session')>()),
  me: () => ({ id: 'ana' }),
}));

const knows = (id: string, mode: string, owner: string | null) =>
  queries.setQueryData(keys.conversation(id), {
    id,
    mode,
    assigned_user: owner && { id: owner, name: null },
  } as Conversation);
const writes = (id: string, note = false) => keepDraft(id, { ...NO_DRAFT, text: 'Olá', note });
const kept = (id: string) => readDraft(id).text !== '';
const led = (next_cursor: string | null) =>
  queries.setQueryData(keys.list(whole('mine')), {
    pages: [{ data: [], next_cursor }],
    pageParams: [null],
  });

beforeEach(() => localStorage.clear());
afterEach(() => queries.clear());

it('keeps of who leaves what is about their own customers', () => {
  led(null);
  knows('mine', 'human', 'ana');
  knows('bruno', 'human', 'bruno');
  knows('ended', 'closed', null);
  for (const id of ['mine', 'bruno', 'ended', 'unseen']) writes(id);
  forgetForeignDrafts();
  expect(['mine', 'bruno', 'ended', 'unseen'].filter(kept)).toEqual(['mine']);
});

it('keeps notes on what goes on', () => {
  led(null);
  knows('bruno', 'human', 'bruno');
  knows('ended', 'closed', null);
  for (const id of ['bruno', 'ended', 'unseen']) writes(id, true);
  forgetForeignDrafts();
  expect(['bruno', 'ended', 'unseen'].filter(kept)).toEqual(['bruno']);
});

it('keeps what may be theirs', () => {
  led('more');
  writes('unseen');
  forgetForeignDrafts();
  expect(kept('unseen')).toBe(true);
});

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
