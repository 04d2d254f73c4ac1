import { beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import { session } from '../api/session';
import type { Me } from '../api/types';
import { discard, outbox, type Pending, post, resumeOutbox, retry, retryUnsent } from './outbox';
import { request } from './outgoing';

vi.mock('./outgoing', { spy: true });

let tests = 0;
/** Requests that wait for their answer, oldest first. */
let asked: { pending: Pending; answer: (seq: number) => void; refuse: (error: Error) => void }[];
const texts = () => asked.map(({ pending }) => pending.text);
const waiting = () => outbox.get().map(({ text, state }) => `${text} ${state}`);

const entry = (user: string) => session.set({ state: 'in', me: { id: user } as Me, acting: null });
const say = (text: string) => ({
  conversation: `c${tests}`,
  text,
  note: false,
  replyTo: null,
  seen: 7,
});
const moved = () => new ApiError(409, 'conversation_moved', 'Chegou mais', { messages: [] });
const away = () => new ApiError(0, 'offline', 'Sem conexão');
const turn = () => vi.advanceTimersByTimeAsync(0);

/** Answers the request that waits, in the order of their coming. */
async function answered(at: number): Promise<void> {
  asked[at]?.answer(10 + at);
  await turn();
}

async function refused(at: number, error: Error): Promise<void> {
  asked[at]?.refuse(error);
  await turn();
}

/** All attempts fail for want of a connection. */
async function unreached(): Promise<void> {
  for (let attempt = 0; attempt < 4; attempt += 1) {
    await refused(asked.length - 1, away());
    if (attempt < 3) await vi.advanceTimersByTimeAsync(8_000);
  }
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2027, 0, 15, 12) });
  localStorage.clear();
  outbox.set([]);
  entry('ana');
  asked = [];
  // What an earlier test left unanswered is of another conversation.
  tests += 1;
  vi.mocked(request).mockImplementation(
    (pending) =>
      new Promise((resolve, refuse) => {
        const answer = (seq: number) => resolve({ id: `m${seq}`, seq } as never);
        asked.push({ pending, answer, refuse });
      }),
  );
});

it('sends one after the other', async () => {
  post(say('um'), say('dois'));
  expect(texts()).toEqual(['um']);
  await answered(0);
  expect(texts()).toEqual(['um', 'dois']);
  await answered(1);
  expect(outbox.get()).toEqual([]);
});

it('holds back all that was written with what is held back', async () => {
  post(say('um'), say('dois'));
  await refused(0, moved());
  expect(texts()).toEqual(['um']);
  expect(waiting()).toEqual(['um failed', 'dois sending']);
  retry(outbox.get()[0]?.key ?? '', 9);
  await answered(1);
  await answered(2);
  expect(texts()).toEqual(['um', 'um', 'dois']);
  expect(asked.slice(1).map(({ pending }) => pending.seen)).toEqual([9, 9]);
});

it('goes on with the rest once the first was thrown away, as little seen as that', async () => {
  post(say('um'), say('dois'));
  await refused(0, moved());
  discard(outbox.get()[0]?.key ?? '');
  expect(texts()).toEqual(['um', 'dois']);
  expect(asked[1]?.pending.seen).toBe(7);
});

it('lets what is written after a refusal go', async () => {
  post(say('um'));
  await refused(0, moved());
  post(say('dois'));
  expect(texts()).toEqual(['um', 'dois']);
});

it('keeps the order over a cut', async () => {
  post(say('um'));
  post(say('dois'));
  await unreached();
  expect(waiting()).toEqual(['um failed', 'dois sending']);
  const before = asked.length;
  retryUnsent();
  await answered(before);
  expect(texts().slice(before)).toEqual(['um', 'dois']);
  expect(asked[before]?.pending.key).toBe(asked[0]?.pending.key);
});

it('sends nothing of somebody who has left', async () => {
  post(say('um'));
  await refused(0, away());
  entry('bruno');
  resumeOutbox();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(texts()).toEqual(['um']);
  entry('ana');
  resumeOutbox();
  expect(texts()).toEqual(['um', 'um']);
});

it('sends what the end of a login has cut off, once its writer is back', async () => {
  post(say('um'));
  session.set({ state: 'out', ended: true });
  await refused(0, new ApiError(401, 'token_expired', 'Entre de novo'));
  entry('ana');
  resumeOutbox();
  expect(texts()).toEqual(['um', 'um']);
  expect(asked[1]?.pending.key).toBe(asked[0]?.pending.key);
});

it('leaves alone what other windows keep', async () => {
  post(say('um'));
  await refused(0, moved());
  const mine = outbox.get();
  // Another window, opened before that.
  outbox.set([]);
  post(say('dois'));
  await answered(1);
  outbox.set([]);
  resumeOutbox();
  expect(outbox.get()).toEqual(mine);
});

it('forgets what another window has sent or thrown away', async () => {
  post(say('um'));
  await refused(0, moved());
  const [failed] = outbox.get();
  const key = `papo:outbox:ana:${failed?.key}`;
  window.dispatchEvent(new StorageEvent('storage', { key, newValue: null }));
  expect(outbox.get()).toEqual([]);
});

it('takes up what was left in its order, but asks about what is old', async () => {
  const now = Date.now();
  post(say('velha'));
  await unreached();
  vi.setSystemTime(now + 90_000_000);
  post(say('um'), say('dois'));
  outbox.set([]);
  asked = [];
  resumeOutbox();
  expect(waiting()).toEqual(['velha failed', 'um sending', 'dois sending']);
  expect(outbox.get()[0]).toMatchObject({ passing: false });
});

it('sends what has a key of its own once', async () => {
  post({ ...say('um'), key: 'resend:m1' });
  post({ ...say('um'), key: 'resend:m1' });
  expect(outbox.get()).toHaveLength(1);
  await refused(0, new ApiError(409, 'idempotency_key_reused', 'Já usada'));
  expect(outbox.get()).toEqual([]);
});
