/**
 * What a frame changes in what was loaded: pure, and harmless when applied twice, since what was
 * loaded may already know of it.
 */

import type { Conversation, Message, Page } from '../api/types';
import type { ConversationUpdate, MessageMedia, MessageStatus, NewMessage } from '../live/frames';

/** Until how long after a customer's message free text can be sent; milliseconds. */
const WINDOW = 24 * 3_600_000;
/** Characters of the newest message that lists show. */
const PREVIEW = 200;

/** Delivery in its order: a status only moves forward. */
const ORDER = [
  'queued',
  'cancelled',
  'sending',
  'unknown',
  'unconfirmed',
  'sent',
  'failed',
  'delivered',
  'read',
  'played',
];

/** Pages of a list as TanStack Query keeps them. */
export interface Pages<T> {
  pages: Page<T>[];
  pageParams: unknown[];
}

export function forward(now: string | null | undefined, next: string | null): string | null {
  if (next === null) return now ?? null;
  if (now == null) return next;
  return ORDER.indexOf(next) > ORDER.indexOf(now) ? next : now;
}

/** A message of the stream in the API's shape. */
export function asMessage(frame: NewMessage, senderName: string | null): Message {
  const { unread: _, media, ...message } = frame;
  return {
    ...message,
    media: media
      ? {
          ...media,
          conversation_id: frame.conversation_id,
          message_id: frame.id,
          size: null,
          error: null,
          created_at: frame.sent_at,
        }
      : null,
    content: message.content as Message['content'],
    sender_name: senderName,
    context: null,
    error: null,
    created_at: frame.sent_at,
  };
}

export function withMessage(conversation: Conversation, message: NewMessage): Conversation {
  // What was loaded after it knows of it.
  if (message.seq <= conversation.last_seq) return conversation;
  const { unread_count } = conversation;
  const unread =
    message.unread === 'clear' ? 0 : message.unread === 'raise' ? unread_count + 1 : unread_count;
  const inbound = message.direction === 'inbound';
  const closes = new Date(Date.parse(message.sent_at) + WINDOW).toISOString();
  return {
    ...conversation,
    last_seq: message.seq,
    unread_count: unread,
    last_message: {
      text: message.text.slice(0, PREVIEW),
      sender_type: message.sender_type,
      message_type: message.message_type,
    },
    last_message_at: later(conversation.last_message_at, message.sent_at),
    window_closes_at: inbound
      ? later(conversation.window_closes_at, closes)
      : conversation.window_closes_at,
  };
}

function later(a: string | null | undefined, b: string): string {
  return a != null && Date.parse(a) > Date.parse(b) ? a : b;
}

type NameOf = (id: string) => string | null;
type LabelOf = (id: string) => Conversation['labels'][number] | undefined;

/** The conversation with its new values; people and departments by the names that are known. */
export function withUpdate(
  conversation: Conversation,
  update: ConversationUpdate,
  nameOf: NameOf,
  labelOf: LabelOf = () => undefined,
): Conversation {
  const { assigned_user_id, department_id, ...plain } = update.set;
  const next: Conversation = { ...conversation, ...(plain as Partial<Conversation>) };
  const named = (id: unknown) => (typeof id === 'string' ? { id, name: nameOf(id) } : null);
  if (assigned_user_id !== undefined) next.assigned_user = named(assigned_user_id);
  if (department_id !== undefined) next.department = named(department_id);
  next.needs_human_attention = next.status === 'waiting';
  if (update.read_upto_seq !== undefined) {
    const after = Math.max(0, next.last_seq - update.read_upto_seq);
    next.unread_count = Math.min(next.unread_count, after);
  }
  const marked = update.unread_upto_seq;
  if (marked !== undefined && next.last_seq <= marked) {
    next.unread_count = Math.max(1, next.unread_count);
  }
  const { labels_added: added, labels_removed: removed } = update;
  if (added || removed) {
    const changed = new Set([...(added ?? []), ...(removed ?? [])]);
    const kept = next.labels.filter(({ id }) => !changed.has(id));
    const more = (added ?? []).flatMap((id) => labelOf(id) ?? []);
    next.labels = [...kept, ...more].sort((a, b) => a.name.localeCompare(b.name));
  }
  return next;
}

/** Messages lie newest first, page by page. */
export function insertMessage(loaded: Pages<Message>, message: Message): Pages<Message> {
  const [first, ...rest] = loaded.pages;
  if (!first) return loaded;
  if (loaded.pages.some(({ data }) => data.some(({ id }) => id === message.id))) return loaded;
  const oldest = loaded.pages.at(-1)?.data.at(-1);
  const complete = loaded.pages.at(-1)?.next_cursor == null;
  // Older than what was loaded: it comes with its page.
  if (oldest && message.seq < oldest.seq && !complete) return loaded;
  const data = [...first.data, message].sort((a, b) => b.seq - a.seq);
  return { ...loaded, pages: [{ ...first, data }, ...rest] };
}

export function withStatus(loaded: Pages<Message>, status: MessageStatus): Pages<Message> {
  const pages = loaded.pages.map((page) => {
    const at = page.data.findIndex(({ id }) => id === status.message_id);
    const found = page.data[at];
    if (!found) return page;
    const next = forward(found.status, status.status);
    // By this name it is quoted and reacted to.
    const external_id = found.external_id ?? status.external_id ?? null;
    if (next === found.status && external_id === found.external_id) return page;
    const error = (status.error as Message['error']) ?? found.error;
    return { ...page, data: page.data.with(at, { ...found, status: next, error, external_id }) };
  });
  return pages.every((page, at) => page === loaded.pages[at]) ? loaded : { ...loaded, pages };
}

/** What became of a message's file. */
export function withMedia(
  loaded: Pages<Message>,
  { message_id, media }: MessageMedia,
): Pages<Message> {
  const pages = loaded.pages.map((page) => {
    const at = page.data.findIndex(({ id }) => id === message_id);
    const found = page.data[at];
    if (!found?.media || found.media.id !== media.id) return page;
    return { ...page, data: page.data.with(at, { ...found, media: { ...found.media, ...media } }) };
  });
  return pages.every((page, at) => page === loaded.pages[at]) ? loaded : { ...loaded, pages };
}

function newerFirst(a: Conversation, b: Conversation): number {
  const [x, y] = [a.last_message_at ?? '', b.last_message_at ?? ''];
  if (x !== y) return Date.parse(y || '0') - Date.parse(x || '0');
  return b.id < a.id ? -1 : 1;
}

/**
 * Puts a conversation where it belongs in a list, or takes it out. One that belongs behind all that
 * was loaded is left to its page.
 */
export function place(
  loaded: Pages<Conversation>,
  conversation: Conversation,
  inside: boolean,
): Pages<Conversation> {
  const pages = loaded.pages.map((page) => {
    const data = page.data.filter(({ id }) => id !== conversation.id);
    return data.length === page.data.length ? page : { ...page, data };
  });
  if (!inside) {
    return pages.every((page, at) => page === loaded.pages[at]) ? loaded : { ...loaded, pages };
  }
  for (const [at, page] of pages.entries()) {
    const index = page.data.findIndex((other) => newerFirst(conversation, other) < 0);
    if (index >= 0) {
      pages[at] = { ...page, data: page.data.toSpliced(index, 0, conversation) };
      return { ...loaded, pages };
    }
  }
  const last = pages.at(-1);
  if (last && last.next_cursor == null) {
    pages[pages.length - 1] = { ...last, data: [...last.data, conversation] };
  }
  return { ...loaded, pages };
}

/** A conversation of a list, wherever it is, with its new values; its place stays. */
export function replace(
  loaded: Pages<Conversation>,
  id: string,
  change: (now: Conversation) => Conversation,
): Pages<Conversation> {
  for (const [at, page] of loaded.pages.entries()) {
    const index = page.data.findIndex((one) => one.id === id);
    const found = page.data[index];
    if (!found) continue;
    const data = page.data.with(index, change(found));
    return { ...loaded, pages: loaded.pages.with(at, { ...page, data }) };
  }
  return loaded;
}
