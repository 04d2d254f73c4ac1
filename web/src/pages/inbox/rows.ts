/** What the conversation shows, line by line: messages, days, what is on its way. */

import type { Message } from '../../api/types';
import type { Pending } from '../../conversations/outbox';
import { dayKey } from '../../i18n/format';

export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'unread'; key: string }
  | { kind: 'message'; key: string; message: Message; follows: boolean }
  | { kind: 'pending'; key: string; pending: Pending };

/** Messages of one sender this close to each other stand together; milliseconds. */
const TOGETHER = 5 * 60_000;

function sameSender(a: Message, b: Message): boolean {
  return (
    a.sender_type === b.sender_type &&
    a.sender_user_id === b.sender_user_id &&
    (a.message_type === 'note') === (b.message_type === 'note') &&
    Math.abs(Date.parse(b.sent_at) - Date.parse(a.sent_at)) < TOGETHER
  );
}

/**
 * Rows from the oldest to the newest. `unreadFrom` is the `seq` of the first message that had not
 * been read when the conversation was opened.
 */
export function rowsOf(
  messages: readonly Message[],
  pending: readonly Pending[],
  unreadFrom: number | null,
  me: string,
): Row[] {
  const rows: Row[] = [];
  let before: Message | null = null;
  const known = new Set(messages.map(({ external_id }) => external_id));
  for (const message of messages) {
    // It stands at what it is about, unless the customer never saw it.
    const about = reactsTo(message);
    if (about !== null && known.has(about) && !isUndone(message)) continue;
    if (before === null || dayKey(before.sent_at) !== dayKey(message.sent_at)) {
      rows.push({ kind: 'day', key: `day-${message.seq}`, at: message.sent_at });
      before = null;
    }
    if (message.seq === unreadFrom) {
      rows.push({ kind: 'unread', key: 'unread' });
      before = null;
    }
    const follows = before !== null && sameSender(before, message);
    rows.push({ kind: 'message', key: message.id, message, follows });
    before = message;
  }
  for (const one of unseen(messages, pending, me)) {
    rows.push({ kind: 'pending', key: one.key, pending: one });
  }
  return rows;
}

/** The provider's id of the message that a reaction is about. */
function reactsTo({ message_type, content }: Message): string | null {
  if (message_type !== 'reaction' || !content) return null;
  const { message_id, message } = content as { message_id?: unknown; message?: unknown };
  const about = message_id ?? message;
  return typeof about === 'string' ? about : null;
}

function isUndone({ status }: Message): boolean {
  return status === 'failed' || status === 'cancelled';
}

export interface Reaction {
  emoji: string;
  mine: boolean;
  name: string | null;
}

/** What people think of messages, by the messages' provider ids: of each the last word. */
export function reactionsOf(messages: readonly Message[], me: string): Map<string, Reaction[]> {
  const last = new Map<string, Map<string, Message>>();
  for (const message of messages) {
    const about = reactsTo(message);
    if (about === null || isUndone(message)) continue;
    // The customer sees one reaction of the business, whoever gave it.
    const who = message.direction === 'inbound' ? 'customer' : 'business';
    const of = last.get(about) ?? new Map<string, Message>();
    last.set(about, of.set(who, message));
  }
  const all = new Map<string, Reaction[]>();
  for (const [about, of] of last) {
    const shown = [...of.values()].flatMap((message) => {
      const { emoji } = message.content as { emoji?: unknown };
      if (typeof emoji !== 'string' || emoji === '') return [];
      const name = message.sender_name ?? null;
      return [{ emoji, mine: message.sender_user_id === me, name }];
    });
    if (shown.length > 0) all.set(about, shown);
  }
  return all;
}

/** What is on its way and has not been told by the socket yet, which may be faster than the answer. */
function unseen(messages: readonly Message[], pending: readonly Pending[], me: string): Pending[] {
  const claimed = new Set<string>();
  return pending.filter((one) => {
    if (one.state === 'failed') return true;
    const arrived = messages.findLast(
      (message) =>
        message.seq > (one.seen ?? Number.POSITIVE_INFINITY) &&
        message.sender_user_id === me &&
        (one.file ? message.media?.id === one.file.id : message.text === one.text) &&
        (message.message_type === 'note') === one.note &&
        !claimed.has(message.id),
    );
    if (arrived) claimed.add(arrived.id);
    return !arrived;
  });
}

/** The first of the customer's messages that nobody had read, of `unread` in all. */
export function firstUnread(messages: readonly Message[], unread: number): number | null {
  if (unread <= 0) return null;
  const inbound = messages.filter(({ direction }) => direction === 'inbound');
  return inbound.at(-Math.min(unread, inbound.length))?.seq ?? null;
}
