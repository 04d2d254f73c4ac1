import { beforeEach, expect, it, vi } from 'vitest';
import { answer } from '../api/client';
import { session } from '../api/session';
import type { Conversation, Me } from '../api/types';
import { type Given, watchGiven } from './given';
import { learnNames } from './names';
import { fetchConversation } from './queries';

vi.mock('../api/client', () => ({ api: { GET: vi.fn() }, answer: vi.fn() }));
vi.mock('./queries', () => ({ known: () => undefined, fetchConversation: vi.fn() }));

const to = (user: string, more: object = {}) => ({
  v: 1,
  event: 'conversation:updated',
  payload: { conversation_id: 'c1', set: { assigned_user_id: user }, ...more },
});
const record = (by: string, reason: string | null = null) => ({
  data: [
    { kind: 'release', to_user_id: null, by_user_id: 'ana' },
    { kind: 'transfer', to_user_id: 'ana', by_user_id: by, reason },
  ],
});

let told: Given[];
let watch: ReturnType<typeof watchGiven>;
const pass = () => vi.advanceTimersByTimeAsync(1_000);

beforeEach(() => {
  vi.useFakeTimers();
  session.set({ state: 'in', me: { id: 'ana' } as Me, acting: null });
  learnNames([], [{ id: 'bruno', full_name: 'Bruno' }]);
  const found = { customer: { name: 'Clara' } } as Conversation;
  vi.mocked(fetchConversation).mockResolvedValue(found);
  vi.mocked(answer).mockReset().mockResolvedValue(record('bruno', 'Segunda via'));
  told = [];
  watch = watchGiven((given) => told.push(given));
});

it('tells who gave it, of whom, and why', async () => {
  watch(to('ana', { by_user_id: 'bruno' }));
  await pass();
  expect(told).toEqual([
    { conversation: 'c1', count: 1, by: 'Bruno', customer: 'Clara', why: 'Segunda via' },
  ]);
});

it('tells nothing of what others get, or one has taken oneself', async () => {
  watch(to('bruno', { by_user_id: 'bruno' }));
  watch(to('ana', { by_user_id: 'ana' }));
  await pass();
  expect(answer).not.toHaveBeenCalled();
  // Out of the queue: by whom, only the record says.
  vi.mocked(answer).mockResolvedValue(record('ana'));
  watch(to('ana'));
  await pass();
  expect(told).toEqual([]);
});

it('tells of many at once', async () => {
  for (let at = 0; at < 30; at += 1) watch(to('ana'));
  await pass();
  expect(told).toMatchObject([{ count: 30, by: 'Bruno' }]);
  expect(answer).toHaveBeenCalledTimes(1);
});
