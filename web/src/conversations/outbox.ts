/**
 * What is on its way to the server: shown at once, sent in its order, and again with the same key
 * until it is known what became of it. Survives a reload.
 */

import { ApiError } from '../api/errors';
import { reasonOf } from '../api/faults';
import { me, session } from '../api/session';
import type { Message } from '../api/types';
import { told } from '../app/notify';
import { queries } from '../app/queries';
import { texts } from '../i18n/texts';
import { liveState } from '../live/live';
import { forget, newKey, onElsewhere, recallAll, remember } from '../local';
import type { Stored } from '../media/upload';
import { createStore } from '../store';
import type { Filled, Shown } from '../templates/form';
import { insertMessage, type Pages } from './apply';
import { request, type Shared, written } from './outgoing';
import { keys } from './queries';

const words = texts(
  'outbox',
  {
    old: 'ela esperou mais de um dia. Confira a conversa antes de enviar.',
    resent: 'Esta mensagem já foi enviada de novo',
  },
  {
    old: 'it waited for more than a day. Look at the conversation before you send it.',
    resent: 'This message was sent again already',
  },
);

export interface Pending {
  /** The request's Idempotency-Key. */
  key: string;
  /** Who wrote it, and alone may send it. */
  writer: string;
  /** What was sent with one touch goes in its order, or waits together. */
  group: string;
  conversation: string;
  text: string;
  note: boolean;
  replyTo: string | null;
  /** The newest message that its writer had seen; `null`: whatever was said meanwhile. */
  seen: number | null;
  /** When it was written. Nothing of this page has the same. */
  at: string;
  state: 'sending' | 'failed';
  /** Why it failed, for people. */
  problem: string | null;
  /** A file that the server has already; the text is its caption. */
  file?: Stored & { voice: boolean };
  /** A template; the text is its body as the customer reads it. */
  template?: { filled: Filled; shown: Shown };
  /** A place or people; the text is what lists show of it. */
  shared?: Shared;
  /** Ids of colleagues whom a note names. */
  mentions?: readonly string[];
  /** Somebody else said something before it; the writer has to decide. */
  moved: boolean;
  /** What they said. */
  came?: readonly Came[];
  /** The window for free text was closed; so many templates could be sent. */
  templates?: number | null;
  /** The server could not be asked: it is tried again by itself when it can. */
  passing: boolean;
}

/** What came before a message that was held back. */
export interface Came {
  id: string;
  sender: string;
  text: string;
}

export const outbox = createStore<readonly Pending[]>([]);

/** Pauses before another attempt, where the server could not be asked; milliseconds. */
const PAUSES = [1_000, 3_000, 8_000];
/** And before all that failed so is tried again, while the connection is there; milliseconds. */
const AGAIN = 30_000;
/** What waited for longer goes out only by hand: the server knows keys for two days; milliseconds. */
const LONG = 86_400_000;

/** Each has an entry of its own: several windows of one person keep theirs side by side. */
const drawer = (writer: string) => `outbox:${writer}:`;

function store(pending: Pending): void {
  remember(drawer(pending.writer) + pending.key, pending);
}

function drop({ writer, key }: Pending): void {
  forget(drawer(writer) + key);
  outbox.set((now) => now.filter((one) => one.key !== key));
}

function patch(key: string, change: Partial<Pending>): void {
  outbox.set((now) => now.map((one) => (one.key === key ? { ...one, ...change } : one)));
  const changed = find(key);
  if (changed) store(changed);
}

const find = (key: string) => outbox.get().find((one) => one.key === key);

/** Who is logged in. */
function user(): string | null {
  const now = session.get();
  return now.state === 'in' ? now.me.id : null;
}

// What another window has sent, changed or thrown away is so here, too.
onElsewhere((name, value) => {
  const mine = outbox.get().find(({ writer, key }) => drawer(writer) + key === name);
  if (!mine) return;
  outbox.set((now) =>
    value === null
      ? now.filter((one) => one !== mine)
      : now.map((one) => (one === mine ? (value as Pending) : one)),
  );
  void flush(mine.conversation);
});

/** Takes up what the last visit could not send. */
export function resumeOutbox(): void {
  const before = Date.now() - LONG;
  const kept = recallAll<Pending>(drawer(me().id)).sort((a, b) => a.at.localeCompare(b.at));
  outbox.set(kept);
  for (const { key, at, state, passing } of kept) {
    if (Date.parse(at) < before && (state === 'sending' || passing)) {
      patch(key, { state: 'failed', passing: false, problem: words.say('old') });
    }
  }
  flushAll();
}

export type Written = Pick<
  Pending,
  | 'conversation'
  | 'text'
  | 'note'
  | 'replyTo'
  | 'seen'
  | 'mentions'
  | 'file'
  | 'template'
  | 'shared'
> & {
  /** For what must not be sent twice, whoever asks for it. */
  key?: string;
};

let last = 0;
/** Later than any before. */
function moment(): string {
  last = Math.max(last + 1, Date.now());
  return new Date(last).toISOString();
}

/** Sends what was written, one after the other. */
export function post(...all: Written[]): void {
  const group = newKey();
  const writer = me().id;
  for (const { key = newKey(), ...content } of all) {
    if (find(key)) continue;
    const state = { state: 'sending', problem: null, moved: false, passing: false } as const;
    const pending: Pending = { ...content, ...state, key, writer, group, at: moment() };
    store(pending);
    outbox.set((now) => [...now, pending]);
  }
  // What went before it is still to go before it.
  retryUnsent();
}

/** Sends again what failed; with `seen`, after what the writer has read by now. */
export function retry(key: string, seen?: number): void {
  const failed = find(key);
  if (!failed) return;
  for (const one of outbox.get()) {
    const waits = one.group === failed.group && one.state === 'sending';
    if (seen !== undefined && waits) patch(one.key, { seen });
  }
  patch(key, {
    seen: seen ?? failed.seen,
    state: 'sending',
    problem: null,
    passing: false,
    moved: false,
    came: [],
    templates: null,
  });
  void flush(failed.conversation);
}

export function discard(key: string): void {
  const gone = find(key);
  if (!gone) return;
  drop(gone);
  void flush(gone.conversation);
}

const flushing = new Set<string>();

function flushAll(): void {
  for (const conversation of new Set(outbox.get().map((one) => one.conversation))) {
    void flush(conversation);
  }
}

/** Sends what waits in a conversation, one after the other. */
async function flush(conversation: string): Promise<void> {
  if (flushing.has(conversation)) return;
  flushing.add(conversation);
  try {
    for (let next = nextOf(conversation); next; next = nextOf(conversation)) {
      await deliver(next.key);
    }
  } finally {
    flushing.delete(conversation);
  }
}

/**
 * What goes next. Nothing overtakes what goes out as soon as it can, nor what was written with it
 * and is held back: the customer would read an answer without its beginning.
 */
function nextOf(conversation: string): Pending | undefined {
  const all = outbox.get().filter((one) => one.conversation === conversation);
  const holds = (before: Pending, one: Pending) =>
    before.state === 'failed' && (before.passing || before.group === one.group);
  return all.find(
    (one, at) => waits(one) && !all.slice(0, at).some((before) => holds(before, one)),
  );
}

/** Whether it is to go out, and its writer is here. */
function waits({ state, writer }: Pending): boolean {
  return state === 'sending' && writer === user();
}

async function deliver(key: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const pending = find(key);
    // Thrown away in the meantime, or its writer has left.
    if (!pending || !waits(pending)) return;
    try {
      arrived(pending, await request(pending));
      return;
    } catch (error) {
      // Who is not logged in any more sends it when they are.
      if (pending.writer !== user()) return;
      const pause = PAUSES[attempt];
      const passing = error instanceof ApiError && error.passing;
      if (passing && pause !== undefined) {
        await new Promise((resume) => setTimeout(resume, pause));
        continue;
      }
      refused(pending, error);
      return;
    }
  }
}

function refused(pending: Pending, error: unknown): void {
  const known = error instanceof ApiError ? error : null;
  if (known?.code === 'idempotency_key_reused') {
    drop(pending);
    told(words.say('resent'));
    return;
  }
  const moved = known?.code === 'conversation_moved';
  const passing = known?.passing ?? false;
  patch(pending.key, {
    state: 'failed',
    problem: reasonOf(error),
    moved,
    came: moved ? takeIn(pending.conversation, known.details.messages) : [],
    passing,
    templates: templatesIn(error),
  });
  if (!passing) return;
  const pause = Math.max(AGAIN, (known?.retryAfter ?? 0) * 1_000);
  setTimeout(() => liveState.get() === 'live' && retryUnsent(), pause);
}

/** Outside of the window: how many templates could be sent instead. */
function templatesIn(error: unknown): number | null {
  if (!(error instanceof ApiError) || error.code !== 'window_closed') return null;
  const { templates_available: count } = error.details;
  return typeof count === 'number' ? count : 0;
}

/** What the writer had not seen stands among the messages from now on. */
function takeIn(conversation: string, told: unknown): Came[] {
  const messages = Array.isArray(told) ? (told as Message[]) : [];
  for (const message of messages) {
    queries.setQueryData<Pages<Message>>(
      keys.messages(conversation),
      (now) => now && insertMessage(now, message),
    );
  }
  return messages
    .filter(
      ({ direction, sender_user_id }) => direction !== 'internal' && sender_user_id !== user(),
    )
    .map(({ id, sender_name, sender_type, text }) => ({
      id,
      sender: sender_name ?? sender_type,
      text: text.slice(0, 300),
    }));
}

/** The server has it: it stands among the messages, wherever the frame about it is. */
function arrived(pending: Pending, place: { id: string; seq: number }): void {
  if (pending.writer === user()) {
    const list = keys.messages(pending.conversation);
    const loaded = queries.getQueryData<Pages<Message>>(list);
    const answered = loaded?.pages
      .flatMap(({ data }) => data)
      .find((one) => one.id === pending.replyTo);
    const message = written(pending, place, answered?.external_id ?? null);
    queries.setQueryData<Pages<Message>>(list, (now) => now && insertMessage(now, message));
  }
  drop(pending);
}

/** What failed for want of a connection is tried again. */
export function retryUnsent(): void {
  for (const { key, state, passing } of outbox.get()) {
    if (state === 'failed' && passing)
      patch(key, { state: 'sending', problem: null, passing: false });
  }
  flushAll();
}
