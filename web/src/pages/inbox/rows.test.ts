import { describe, expect, it } from 'vitest';
import type { Media, Message } from '../../api/types';
import type { Pending } from '../../conversations/outbox';
import { firstUnread, reactionsOf, rowsOf } from './rows';

function message(seq: number, minute: number, more: Partial<Message> = {}): Message {
  const sent_at = new Date(2027, 0, 15, 8, minute).toISOString();
  return {
    id: `m${seq}`,
    conversation_id: 'c',
    seq,
    direction: 'inbound',
    sender_type: 'customer',
    sender_user_id: null,
    message_type: 'text',
    text: `t${seq}`,
    sent_at,
    late: false,
    created_at: sent_at,
    ...more,
  } as Message;
}

function pending(key: string, text: string, more: Partial<Pending> = {}): Pending {
  return {
    key,
    writer: 'me',
    group: key,
    conversation: 'c',
    text,
    note: false,
    replyTo: null,
    seen: 2,
    at: new Date(2027, 0, 15, 9).toISOString(),
    state: 'sending',
    problem: null,
    moved: false,
    passing: false,
    ...more,
  };
}

const mine = { direction: 'outbound', sender_type: 'attendant', sender_user_id: 'me' } as const;

describe('rows', () => {
  it('begin each day with it, and group what one person says in a breath', () => {
    const days = [message(1, 0), message(2, 1), message(3, 30), message(4, 24 * 60)];
    const rows = rowsOf(days, [], null, 'me');
    expect(rows.map(({ kind }) => kind)).toEqual([
      'day',
      'message',
      'message',
      'message',
      'day',
      'message',
    ]);
    const follows = rows.flatMap((row) => (row.kind === 'message' ? [row.follows] : []));
    expect(follows).toEqual([false, true, false, false]);
  });

  it('part what was read from what was not', () => {
    const rows = rowsOf([message(1, 0), message(2, 1)], [], 2, 'me');
    expect(rows.map(({ kind }) => kind)).toEqual(['day', 'message', 'unread', 'message']);
    expect(firstUnread([message(1, 0), message(2, 1), message(3, 2, mine)], 1)).toBe(2);
    expect(firstUnread([message(1, 0)], 9)).toBe(1);
    expect(firstUnread([message(1, 0)], 0)).toBeNull();
  });

  it('show what is on its way until the stream tells of it, each once', () => {
    const sent = [message(1, 0), message(2, 1), message(3, 2, { ...mine, text: 'oi' })];
    const two = [pending('a', 'oi'), pending('b', 'oi')];
    const left = rowsOf(sent, two, null, 'me').filter(({ kind }) => kind === 'pending');
    expect(left).toHaveLength(1);
    const note = rowsOf(sent, [pending('n', 'oi', { note: true })], null, 'me');
    expect(note.at(-1)?.key).toBe('n');
  });

  it('know a file that is on its way by the file', () => {
    const file = { id: 'f', kind: 'image', mime_type: null, size: 1, filename: null } as const;
    const waiting = pending('a', '', { file: { ...file, voice: false } });
    const of = (id: string) =>
      message(3, 2, { ...mine, text: '', media: { ...file, id, state: 'stored' } as Media });
    const left = (id: string) => rowsOf([message(2, 1), of(id)], [waiting], null, 'me');
    expect(left('f').some(({ kind }) => kind === 'pending')).toBe(false);
    expect(left('g').some(({ kind }) => kind === 'pending')).toBe(true);
  });

  it('show reactions at what they are about, the last word of each', () => {
    const reaction = (seq: number, content: object, more: Partial<Message> = {}) =>
      message(seq, seq, {
        message_type: 'reaction',
        content: { type: 'reaction', ...content } as unknown as Message['content'],
        ...more,
      });
    const all = [
      message(1, 0, { external_id: 'w1' }),
      reaction(2, { emoji: '👍', message_id: 'w1' }),
      reaction(3, { emoji: '❤️', message: 'w1' }, mine),
      reaction(4, { emoji: '😂', message_id: 'w1' }),
      reaction(5, { emoji: '👍', message_id: 'elsewhere' }),
    ];
    const emojis = (messages: Message[]) =>
      reactionsOf(messages, 'me')
        .get('w1')
        ?.map(({ emoji, mine }) => [emoji, mine]);
    expect(emojis(all)).toEqual([
      ['😂', false],
      ['❤️', true],
    ]);
    expect(emojis([...all, reaction(6, { emoji: '', message: 'w1' }, mine)])).toEqual([
      ['😂', false],
    ]);
    // One that did not arrive leaves what was before, and says so for itself.
    const failed = reaction(7, { emoji: '🙏', message: 'w1' }, { ...mine, status: 'failed' });
    expect(emojis([...all, failed])).toEqual(emojis(all));
    expect(rowsOf([...all, failed], [], null, 'me').at(-1)?.key).toBe('m7');
    // What it is about is not here: it stands for itself.
    const shown = rowsOf(all, [], null, 'me').flatMap((row) =>
      row.kind === 'message' ? [row.message.seq] : [],
    );
    expect(shown).toEqual([1, 5]);
  });

  it('keep what failed, whatever else was said', () => {
    const sent = [message(3, 2, { ...mine, text: 'oi' })];
    const failed = rowsOf(sent, [pending('a', 'oi', { state: 'failed' })], null, 'me');
    expect(failed.at(-1)?.key).toBe('a');
  });
});
