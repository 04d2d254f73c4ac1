/**
 * What is on its way to the server: shown at once, sent in its order, and again with the same key
 * until it is known what became of it. Survives a reload.
 */

import { answer, api } from '../api/client';
import { ApiError } from '../api/errors';
import { reasonOf } from '../api/faults';
import type { components } from '../api/schema';
import { me, session } from '../api/session';
import type { Message } from '../api/types';
import { queries } from '../app/queries';
import { newKey, recall, remember } from '../local';
import type { Stored } from '../media/upload';
import { createStore } from '../store';
import type { Filled, Shown } from '../templates/form';
import { insertMessage, type Pages } from './apply';
import { keys } from './queries';

export interface Pending {
  /** The request's Idempotency-Key. */
  key: string;
  conversation: string;
  text: string;
  note: boolean;
  replyTo: string | null;
  /** The newest message that its writer had seen; `null`: whatever was said meanwhile. */
  seen: number | null;
  at: string;
  state: 'sending' | 'failed';
  /** Why it failed, for people. */
  problem: string | null;
  /** A file that the server has already; the text is its caption. */
  file?: Stored & { voice: boolean };
  /** A template; the text is its body as the customer reads it. */
  template?: { filled: Filled; shown: Shown };
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

const storageKey = () => `outbox:${me().id}`;

outbox.subscribe(() => {
  if (session.get().state === 'in') remember(storageKey(), outbox.get());
});

/** Takes up what the last visit could not send. */
export function resumeOutbox(): void {
  outbox.set(recall<Pending[]>(storageKey(), []));
  for (const conversation of new Set(outbox.get().map((one) => one.conversation))) {
    void flush(conversation);
  }
}

type Written = Pick<
  Pending,
  'conversation' | 'text' | 'note' | 'replyTo' | 'seen' | 'mentions' | 'file' | 'template'
>;

export function post(written: Written): void {
  const pending: Pending = {
    ...written,
    key: newKey(),
    at: new Date().toISOString(),
    state: 'sending',
    problem: null,
    moved: false,
    passing: false,
  };
  outbox.set((now) => [...now, pending]);
  void flush(written.conversation);
}

/** Sends again what failed; with `seen`, after what the writer has read by now. */
export function retry(key: string, seen?: number): void {
  const failed = outbox.get().find((one) => one.key === key);
  if (!failed) return;
  // Another request needs another key.
  const next = seen === undefined ? failed.key : newKey();
  patch(key, {
    key: next,
    seen: seen ?? failed.seen,
    state: 'sending',
    problem: null,
    moved: false,
    came: [],
    templates: null,
  });
  void flush(failed.conversation);
}

export function discard(key: string): void {
  outbox.set((now) => now.filter((one) => one.key !== key));
}

function patch(key: string, change: Partial<Pending>): void {
  outbox.set((now) => now.map((one) => (one.key === key ? { ...one, ...change } : one)));
}

const flushing = new Set<string>();

/** Sends what waits in a conversation, one after the other. */
async function flush(conversation: string): Promise<void> {
  if (flushing.has(conversation)) return;
  flushing.add(conversation);
  try {
    for (;;) {
      const next = outbox
        .get()
        .find((one) => one.conversation === conversation && one.state === 'sending');
      if (!next) return;
      await deliver(next);
    }
  } finally {
    flushing.delete(conversation);
  }
}

async function deliver(pending: Pending): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { id, seq } = await request(pending);
      arrived(pending, id, seq);
      return;
    } catch (error) {
      const pause = PAUSES[attempt];
      const passing = error instanceof ApiError && error.passing;
      if (passing && pause !== undefined) {
        await new Promise((resume) => setTimeout(resume, pause));
        continue;
      }
      const moved = error instanceof ApiError && error.code === 'conversation_moved';
      const came = moved ? takeIn(pending.conversation, error.details.messages) : [];
      const templates = templatesIn(error);
      const problem = reasonOf(error);
      patch(pending.key, { state: 'failed', problem, moved, came, passing, templates });
      return;
    }
  }
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
      ({ direction, sender_user_id }) => direction !== 'internal' && sender_user_id !== me().id,
    )
    .map(({ id, sender_name, sender_type, text }) => ({
      id,
      sender: sender_name ?? sender_type,
      text: text.slice(0, 300),
    }));
}

function request(pending: Pending) {
  const { key, conversation, text, note, replyTo, seen, mentions } = pending;
  const params = { path: { id: conversation }, header: { 'Idempotency-Key': key } };
  if (note) {
    const body = { note: text, mentions: [...(mentions ?? [])] };
    return answer(api.POST('/api/v1/conversations/{id}/notes', { params, body }));
  }
  const body = { ...contentOf(pending), reply_to: replyTo, expected_seq: seen ?? undefined };
  return answer(api.POST('/api/v1/conversations/{id}/messages', { params, body }));
}

type Outgoing = components['schemas']['Outgoing'];

function contentOf({ text, file, template }: Pending): Outgoing {
  if (template) return { type: 'template', template: wire(template.filled) };
  if (!file) return { type: 'text', body: text, preview_url: /https?:\/\//.test(text) };
  const media_id = file.id;
  switch (file.kind) {
    case 'audio':
      return { type: 'audio', media_id, voice: file.voice };
    case 'sticker':
      return { type: 'sticker', media_id };
    default:
      return { type: file.kind, media_id, caption: text || undefined };
  }
}

/** The API's description leaves open what goes into the gaps. */
export function wire(filled: Filled): components['schemas']['OutgoingTemplate'] {
  return filled as unknown as components['schemas']['OutgoingTemplate'];
}

/** What kind of message it is, and what it holds. */
function shapeOf({ note, file, template, text }: Pending): {
  type: string;
  [key: string]: unknown;
} {
  if (note) return { type: 'note', body: text };
  if (template) {
    const { name, language } = template.filled;
    return { type: 'template', name, language, ...template.shown };
  }
  return file ? { type: file.kind, voice: file.voice } : { type: 'text', body: text };
}

/** The server has it: it stands among the messages, wherever the frame about it is. */
function arrived(pending: Pending, id: string, seq: number): void {
  const { id: sender_user_id, full_name: sender_name } = me();
  const { text, note, conversation, file } = pending;
  const loaded = queries.getQueryData<Pages<Message>>(keys.messages(conversation));
  const quoted = loaded?.pages
    .flatMap(({ data }) => data)
    .find((one) => one.id === pending.replyTo)?.external_id;
  const content = shapeOf(pending);
  const message: Message = {
    id,
    conversation_id: conversation,
    seq,
    direction: note ? 'internal' : 'outbound',
    sender_type: 'attendant',
    sender_user_id,
    sender_name,
    message_type: content.type,
    text,
    content: content as unknown as Message['content'],
    media: file
      ? {
          ...file,
          conversation_id: conversation,
          message_id: id,
          state: 'stored',
          error: null,
          created_at: pending.at,
        }
      : null,
    external_id: null,
    quoted: quoted ?? null,
    context: null,
    sent_at: pending.at,
    late: false,
    status: note ? null : 'queued',
    error: null,
    created_at: pending.at,
  };
  queries.setQueryData<Pages<Message>>(
    keys.messages(conversation),
    (now) => now && insertMessage(now, message),
  );
  discard(pending.key);
}

/** The connection is back: what failed for want of one is tried again. */
export function retryUnsent(): void {
  for (const one of outbox.get()) {
    if (one.state === 'failed' && one.passing) retry(one.key);
  }
}
