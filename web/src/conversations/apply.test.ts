import { describe, expect, it } from 'vitest';
import type { Conversation, Message } from '../api/types';
import type { ConversationUpdate, NewMessage } from '../live/frames';
import {
  asMessage,
  forward,
  insertMessage,
  type Pages,
  place,
  replace,
  withMedia,
  withMessage,
  withStatus,
  withUpdate,
} from './apply';
import { belongs, type ListKey, whole } from './filters';

const at = (minute: number) => new Date(Date.UTC(2027, 0, 15, 8, minute)).toISOString();

function conversation(id: string, minute: number, more: Partial<Conversation> = {}): Conversation {
  return {
    id,
    channel_id: 'ch',
    customer: { id: 'cu', name: 'Clara', phone: null, address: '1', is_group: false },
    status: 'open',
    mode: 'bot',
    assigned_user: null,
    department: null,
    priority: null,
    labels: [],
    current_menu_level: 'main',
    needs_human_attention: false,
    unread_count: 1,
    last_seq: 5,
    last_message: null,
    last_message_at: at(minute),
    window_closes_at: null,
    session_at: null,
    ended_at: null,
    quarantined: false,
    created_at: at(0),
    ...more,
  } as Conversation;
}

function frame(seq: number, more: Partial<NewMessage> = {}): NewMessage {
  return {
    id: `m${seq}`,
    conversation_id: 'a',
    seq,
    direction: 'inbound',
    sender_type: 'customer',
    sender_user_id: null,
    message_type: 'text',
    text: 'Olá',
    content: { type: 'text', body: 'Olá' },
    external_id: null,
    quoted: null,
    sent_at: at(30),
    late: false,
    status: null,
    unread: 'raise',
    ...more,
  };
}

const update = (set: Record<string, unknown>, more: Partial<ConversationUpdate> = {}) => ({
  conversation_id: 'a',
  version: 1,
  change: 'taken_over',
  at: at(30),
  set,
  ...more,
});

function pages<T>(...data: T[][]): Pages<T> {
  return {
    pages: data.map((rows, index) => ({
      data: rows,
      next_cursor: index < data.length - 1 ? `c${index}` : null,
    })),
    pageParams: [],
  };
}
const ids = (loaded: Pages<{ id: string }>) =>
  loaded.pages.map(({ data }) => data.map((x) => x.id));

describe('a new message', () => {
  it('shows in the list, counts, and opens the window', () => {
    const next = withMessage(conversation('a', 0), frame(6));
    expect(next).toMatchObject({ last_seq: 6, unread_count: 2, last_message: { text: 'Olá' } });
    expect(next.window_closes_at).toBe(new Date(Date.parse(at(30)) + 86_400_000).toISOString());
  });

  it('counts once, also if what was loaded knows of it', () => {
    const once = withMessage(conversation('a', 0), frame(6));
    expect(withMessage(once, frame(6))).toBe(once);
    expect(withMessage(conversation('a', 0), frame(5)).unread_count).toBe(1);
  });

  it('of ours clears the count and leaves the window alone', () => {
    const ours = frame(6, { direction: 'outbound', sender_type: 'attendant', unread: 'clear' });
    expect(withMessage(conversation('a', 0), ours)).toMatchObject({
      unread_count: 0,
      window_closes_at: null,
    });
  });

  it('stands in its place, once', () => {
    const loaded = pages<Message>([asMessage(frame(8), null), asMessage(frame(6), null)]);
    const late = insertMessage(loaded, asMessage(frame(7), null));
    expect(ids(late)).toEqual([['m8', 'm7', 'm6']]);
    expect(insertMessage(late, asMessage(frame(7), null))).toBe(late);
  });
});

describe('a status', () => {
  it('only moves forward', () => {
    expect(forward('sent', 'delivered')).toBe('delivered');
    expect(forward('read', 'delivered')).toBe('read');
    expect(forward('failed', 'delivered')).toBe('delivered');
    const loaded = pages<Message>([asMessage(frame(8, { status: 'read' }), null)]);
    const status = { conversation_id: 'a', message_id: 'm8', seq: 8, error: null, at: at(1) };
    expect(withStatus(loaded, { ...status, status: 'sent' })).toBe(loaded);
  });

  it('has the name by which it is quoted, also where its status is known', () => {
    const status = { conversation_id: 'a', message_id: 'm8', seq: 8, error: null, at: at(1) };
    const named = { ...status, status: 'sent', external_id: 'wamid.8' };
    for (const before of ['queued', 'delivered']) {
      const loaded = pages<Message>([asMessage(frame(8, { status: before }), null)]);
      const next = withStatus(loaded, named);
      expect(next.pages[0]?.data[0]?.external_id).toBe('wamid.8');
      // Those that follow say nothing of it.
      const later = withStatus(next, { ...status, status: 'read' });
      expect(later.pages[0]?.data[0]?.external_id).toBe('wamid.8');
    }
  });

  it('says why it failed', () => {
    const loaded = pages<Message>([asMessage(frame(8, { status: 'sent' }), null)]);
    const error = { code: 131026, title: 'Undeliverable' };
    const status = { conversation_id: 'a', message_id: 'm8', seq: 8, error, at: at(1) };
    const next = withStatus(loaded, { ...status, status: 'failed' });
    expect(next.pages[0]?.data[0]).toMatchObject({ status: 'failed', error });
  });
});

it('knows what became of a file', () => {
  const media = { id: 'f', kind: 'image', state: 'pending', mime_type: null, filename: null };
  const loaded = pages<Message>([asMessage(frame(8, { message_type: 'image', media }), null)]);
  const told = { conversation_id: 'a', message_id: 'm8', seq: 8, at: at(1) };
  const stored = { id: 'f', state: 'stored', mime_type: 'image/png', size: 9 };
  const next = withMedia(loaded, { ...told, media: stored });
  expect(next.pages[0]?.data[0]?.media).toMatchObject({ kind: 'image', ...stored });
  const other = { ...stored, id: 'g' };
  expect(withMedia(loaded, { ...told, media: other })).toBe(loaded);
});

describe('an update', () => {
  const nameOf = (id: string) => (id === 'ana' ? 'Ana' : null);

  it('sets what it names and nothing else', () => {
    const next = withUpdate(
      conversation('a', 0, { priority: 'high' }),
      update({ mode: 'human', status: 'open', assigned_user_id: 'ana' }),
      nameOf,
    );
    expect(next).toMatchObject({ mode: 'human', priority: 'high', department: null });
    expect(next.assigned_user).toEqual({ id: 'ana', name: 'Ana' });
    const freed = withUpdate(next, update({ mode: 'waiting', assigned_user_id: null }), nameOf);
    expect(freed.assigned_user).toBeNull();
  });

  it('takes labels in and out, whatever was there', () => {
    const label = (id: string) => ({ id, name: id, colour: '#000000' });
    const now = conversation('a', 0, { labels: [label('b'), label('c')] });
    const labelled = { change: 'labelled', labels_added: ['a', 'b'], labels_removed: ['c', 'd'] };
    const next = withUpdate(now, update({}, labelled), nameOf, label);
    expect(next.labels.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('counts what was marked as unread, unless something newer does', () => {
    const marked = update({}, { change: 'marked_unread', unread_upto_seq: 5 });
    expect(withUpdate(conversation('a', 0, { unread_count: 0 }), marked, nameOf)).toMatchObject({
      unread_count: 1,
    });
    const later = conversation('a', 0, { unread_count: 0, last_seq: 6 });
    expect(withUpdate(later, marked, nameOf).unread_count).toBe(0);
  });

  it('leaves at most the messages after the one that was read', () => {
    const read = update({}, { change: 'read', read_upto_seq: 4 });
    const next = withUpdate(conversation('a', 0, { unread_count: 3 }), read, nameOf);
    expect(next.unread_count).toBe(1);
  });
});

describe('a list', () => {
  const loaded = () => {
    const both = pages(
      [conversation('a', 40), conversation('b', 30)],
      [conversation('c', 20), conversation('d', 10)],
    );
    return both;
  };

  it('has what moved in its new place', () => {
    expect(ids(place(loaded(), conversation('d', 35), true))).toEqual([['a', 'd', 'b'], ['c']]);
    expect(ids(place(loaded(), conversation('e', 50), true))[0]).toEqual(['e', 'a', 'b']);
  });

  it('loses what belongs elsewhere, and leaves alone what was not there', () => {
    expect(ids(place(loaded(), conversation('c', 20), false))).toEqual([['a', 'b'], ['d']]);
    const same = loaded();
    expect(place(same, conversation('x', 1), false)).toBe(same);
  });

  it('leaves to later pages what they will bring', () => {
    const more = loaded();
    const last = more.pages.at(-1);
    if (last) last.next_cursor = 'c9';
    expect(ids(place(more, conversation('old', 1), true)).flat()).not.toContain('old');
    expect(
      ids(place(loaded(), conversation('old', 1), true))
        .flat()
        .at(-1),
    ).toBe('old');
  });

  it('changes a row where it stands', () => {
    const next = replace(loaded(), 'c', (now) => ({ ...now, unread_count: 9 }));
    expect(ids(next)).toEqual(ids(loaded()));
    expect(next.pages[1]?.data[0]?.unread_count).toBe(9);
  });

  it('holds what its filter says', () => {
    const mine = conversation('a', 0, { mode: 'human', assigned_user: { id: 'me', name: null } });
    expect(belongs(whole('mine'), mine, 'me')).toBe(true);
    expect(belongs(whole('mine'), mine, 'you')).toBe(false);
    expect(belongs(whole('human'), mine, 'you')).toBe(true);
    expect(belongs(whole('waiting'), mine, 'me')).toBe(false);
    expect(belongs(whole('unassigned'), mine, 'me')).toBe(false);
    expect(belongs(whole('all'), mine, 'you')).toBe(true);
  });

  it('loses what is out of the way or archived to the list of those', () => {
    const owner = { id: 'me', name: null };
    const later = conversation('a', 0, {
      mode: 'human',
      assigned_user: owner,
      snoozed_until: at(9),
    });
    expect(belongs(whole('mine'), later, 'me')).toBe(false);
    expect(belongs(whole('snoozed'), later, 'me')).toBe(true);
    const old = conversation('b', 0, { mode: 'closed', status: 'archived' });
    expect(belongs(whole('closed'), old, 'me')).toBe(false);
    expect(belongs(whole('all'), old, 'me')).toBe(false);
    expect(belongs(whole('archived'), old, 'me')).toBe(true);
  });

  it('is narrowed to what was chosen', () => {
    const one = conversation('a', 0, {
      labels: [{ id: 'l', name: 'L', colour: '#000000' }],
      department: { id: 'd', name: 'D' },
      priority: 'high',
    });
    const fits = (narrowed: Partial<ListKey>) =>
      belongs({ ...whole('all'), ...narrowed }, one, 'me');
    expect(fits({ label: 'l', department: 'd', channel: 'ch', priority: 'high' })).toBe(true);
    expect(fits({ label: 'm' })).toBe(false);
    expect(fits({ priority: 'low' })).toBe(false);
    expect(fits({ unread: true })).toBe(true);
    expect(belongs({ ...whole('all'), unread: true }, { ...one, unread_count: 0 }, 'me')).toBe(
      false,
    );
  });
});
