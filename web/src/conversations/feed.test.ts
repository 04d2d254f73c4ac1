import { QueryClientProvider } from '@tanstack/react-query';
import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { logIn, logOut } from '../api/session';
import type { Conversation, Page } from '../api/types';
import { queries } from '../app/queries';
import type { EventFrame, NewMessage } from '../live/frames';
import { liveState } from '../live/live';
import type { Pages } from './apply';
import { startFeed } from './feed';
import { type ListKey, whole } from './filters';
import { isGone, keys, known, useConversation, useConversations } from './queries';

const socket = vi.hoisted(() => ({
  frame: (_: EventFrame) => {},
  resync: () => {},
}));
vi.mock('../live/live', async (original) => ({
  ...(await original<typeof import('../live/live')>()),
  onFrame: (listener: (frame: EventFrame) => void) => {
    socket.frame = listener;
    return () => {};
  },
  onResync: (listener: () => void) => {
    socket.resync = listener;
    return () => {};
  },
}));

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
    unread_count: 0,
    last_seq: 5,
    last_message: null,
    last_message_at: at(minute),
    ...more,
  } as Conversation;
}

let numbered = 0;
function told(event: string, payload: object): void {
  numbered += 1;
  socket.frame({ v: 1, event, seq: numbered, payload });
}

const says = (conversation_id: string, seq: number, text: string, minute: number): void =>
  told('message:new', {
    id: `${conversation_id}-${seq}`,
    conversation_id,
    seq,
    direction: 'inbound',
    sender_type: 'customer',
    sender_user_id: null,
    message_type: 'text',
    text,
    content: { type: 'text', body: text },
    external_id: null,
    quoted: null,
    sent_at: at(minute),
    late: false,
    status: null,
    unread: 'raise',
  } satisfies NewMessage);

const LOGIN = {
  access_token: `a.${btoa('{"sub":"me"}')}.z`,
  expires_in: 900_000,
  user: { id: 'me', permissions: [] },
};

/** The server: what it answers, and when, is up to the test. */
class Server {
  asked: string[] = [];
  private held: { path: string; resume: () => void }[] = [];
  private holding = (_: string) => false;
  conversations = new Map<string, Conversation>();
  pages = new Map<string, Page<Conversation>>();
  /** What is answered in place of an answer, so many times. */
  failures: number[] = [];

  /** Answers to these wait. */
  hold(holding: (path: string) => boolean): void {
    this.holding = holding;
  }

  async release(): Promise<void> {
    this.holding = () => false;
    for (const { resume } of this.held.splice(0)) resume();
    await settled();
  }

  async fetch(request: Request | string): Promise<Response> {
    if (typeof request === 'string') return Response.json(LOGIN);
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.replace('/api/v1', '');
    this.asked.push(path);
    // What is read is what there is now, whenever it arrives.
    const answer = this.answer(path, searchParams.get('cursor') ?? 'first');
    if (this.holding(path)) {
      await new Promise<void>((resume) => this.held.push({ path, resume }));
    }
    return answer;
  }

  private answer(path: string, cursor: string): Response {
    const failure = this.failures.shift();
    if (failure) return Response.json({ code: 'unavailable' }, { status: failure });
    if (path === '/conversations') {
      return Response.json(this.pages.get(cursor) ?? { data: [], next_cursor: null });
    }
    const found = this.conversations.get(path.replace('/conversations/', ''));
    if (found) return Response.json(found);
    return Response.json({ code: 'not_found', message: '' }, { status: 404 });
  }

  times(path: string): number {
    return this.asked.filter((one) => one === path).length;
  }
}

const settled = () => vi.advanceTimersByTimeAsync(10);

let server: Server;
let stop: () => void;
let roots: Root[];

/** Has a component on the screen. */
async function mounted(Shown: () => null): Promise<void> {
  const root = createRoot(document.createElement('div'));
  roots.push(root);
  flushSync(() =>
    root.render(createElement(QueryClientProvider, { client: queries }, createElement(Shown))),
  );
  await settled();
}

/** A list that somebody looks at. */
async function shown(list: ListKey): Promise<{ more: () => void }> {
  const last = { more: () => {} };
  await mounted(() => {
    const { fetchNextPage } = useConversations(list);
    last.more = () => void fetchNextPage();
    return null;
  });
  return { more: () => last.more() };
}

/** A conversation that somebody looks at: what they read of it, `gone`, or `nothing` yet. */
async function opened(id: string): Promise<() => string | number> {
  let last: string | number = 'nothing';
  await mounted(() => {
    const { data, error } = useConversation(id);
    last = isGone(error) ? 'gone' : (data?.last_seq ?? 'nothing');
    return null;
  });
  return () => last;
}

const rows = (list: ListKey) =>
  (queries.getQueryData<Pages<Conversation>>(keys.list(list))?.pages ?? []).map(({ data }) =>
    data.map(({ id }) => id),
  );
const row = (list: ListKey, id: string) =>
  queries
    .getQueryData<Pages<Conversation>>(keys.list(list))
    ?.pages.flatMap(({ data }) => data)
    .find((one) => one.id === id);

beforeEach(async () => {
  vi.useFakeTimers();
  numbered = 0;
  roots = [];
  server = new Server();
  vi.stubGlobal('fetch', (request: Request | string) => server.fetch(request));
  await logIn('ana@example.com', 'password', 'demo', 'pt-BR');
  stop = startFeed();
});
afterEach(async () => {
  for (const root of roots) root.unmount();
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  await logOut();
  queries.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const ALL = whole('all');

describe('what the caller can see from now on', () => {
  it('is loaded once, however many come at once, and stands in its list', async () => {
    await shown(ALL);
    for (const id of ['a', 'b', 'c']) server.conversations.set(id, conversation(id, 1));
    server.hold(() => true);
    for (const id of ['a', 'b', 'c']) told('conversation:granted', { id, as_of_seq: 1 });
    await settled();
    await server.release();
    await vi.advanceTimersByTimeAsync(60_000);
    for (const id of ['a', 'b', 'c']) {
      expect(server.times(`/conversations/${id}`)).toBe(1);
    }
    expect(rows(ALL).flat().sort()).toEqual(['a', 'b', 'c']);
  });

  it('is not what was read of it before', async () => {
    const read = [keys.messages('a'), keys.transfers('a')];
    for (const key of read) queries.setQueryData(key, { pages: [], pageParams: [] });
    told('conversation:granted', { id: 'a', as_of_seq: 1 });
    for (const key of read) {
      expect(queries.getQueryState(key)?.isInvalidated).toBe(true);
    }
  });

  it('is there also where a list was read before', async () => {
    server.hold((path) => path === '/conversations');
    await shown(ALL);
    server.conversations.set('a', conversation('a', 1));
    told('conversation:granted', { id: 'a', as_of_seq: 1 });
    await settled();
    await server.release();
    expect(rows(ALL)).toEqual([['a']]);
  });
});

describe('while the server cannot be asked', () => {
  beforeEach(async () => {
    await shown(ALL);
    server.conversations.set('a', conversation('a', 1));
  });

  it('asks for a conversation again', async () => {
    server.failures = [503, 429];
    told('conversation:granted', { id: 'a', as_of_seq: 1 });
    await vi.advanceTimersByTimeAsync(1_000 + 3_000 + 100);
    expect(rows(ALL)).toEqual([['a']]);
    expect(server.times('/conversations')).toBe(1);
  });

  it('has the lists tell of it in the end', async () => {
    server.failures = [503, 503, 503, 503];
    server.pages.set('first', { data: [conversation('a', 1)], next_cursor: null });
    told('conversation:granted', { id: 'a', as_of_seq: 1 });
    await vi.advanceTimersByTimeAsync(12_000 + 100);
    expect(server.times('/conversations/a')).toBe(4);
    expect(rows(ALL)).toEqual([['a']]);
  });

  it('does not ask again for what is not to be seen', async () => {
    told('conversation:granted', { id: 'b', as_of_seq: 1 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.times('/conversations/b')).toBe(1);
    expect(server.times('/conversations')).toBe(1);
  });
});

describe('what comes while a list is loaded', () => {
  const first = [conversation('a', 40), conversation('b', 30)];
  const second = [conversation('c', 20), conversation('d', 10)];

  it('stands in the rows that were there, though the page knows nothing of it', async () => {
    server.pages.set('first', { data: first, next_cursor: 'more' } as Page<Conversation>);
    server.pages.set('more', { data: second, next_cursor: null } as Page<Conversation>);
    const list = await shown(ALL);
    server.hold((path) => path === '/conversations');
    list.more();
    await settled();
    says('b', 6, 'Ainda aí?', 50);
    await server.release();
    expect(rows(ALL)).toEqual([
      ['b', 'a'],
      ['c', 'd'],
    ]);
    expect(row(ALL, 'b')).toMatchObject({ unread_count: 1, last_message: { text: 'Ainda aí?' } });
    expect(server.times('/conversations/b')).toBe(0);
  });
});

describe('who may see it no more', () => {
  it('reads it no longer when everything is loaded anew', async () => {
    server.conversations.set('a', conversation('a', 1));
    const look = await opened('a');
    expect(look()).toBe(5);
    server.conversations.delete('a');
    socket.resync();
    await settled();
    expect(look()).toBe('gone');
    expect(known('a')).toBeUndefined();
  });

  it('is told while it stands in no list', async () => {
    server.conversations.set('a', conversation('a', 1));
    const look = await opened('a');
    server.conversations.delete('a');
    told('conversation:revoked', { id: 'a' });
    await settled();
    expect(look()).toBe('gone');
    server.conversations.set('a', conversation('a', 1, { last_seq: 9 }));
    told('conversation:granted', { id: 'a', as_of_seq: 1 });
    await settled();
    expect(look()).toBe(9);
  });
});

describe('when everything is loaded anew', () => {
  const mine = { mode: 'human', assigned_user: { id: 'me', name: null } } as const;

  it('forgets what nobody looks at', async () => {
    server.pages.set('first', { data: [conversation('a', 1, mine)], next_cursor: null });
    await shown(whole('human'));
    says('a', 6, 'Oi', 2);
    server.pages.set('first', {
      data: [conversation('a', 1, { ...mine, assigned_user: { id: 'bruno', name: 'Bruno' } })],
      next_cursor: null,
    });
    socket.resync();
    await settled();
    says('a', 7, 'Oi?', 3);
    expect(row(whole('human'), 'a')?.assigned_user?.id).toBe('bruno');
  });

  it('reads again what was being read for the first time', async () => {
    server.hold(() => true);
    await shown(ALL);
    expect(server.times('/conversations')).toBe(1);
    server.pages.set('first', { data: [conversation('a', 1)], next_cursor: null });
    socket.resync();
    await settled();
    await server.release();
    expect(rows(ALL)).toEqual([['a']]);
  });

  it('reads one page of each list', async () => {
    server.pages.set('first', { data: [conversation('a', 2)], next_cursor: 'more' });
    server.pages.set('more', { data: [conversation('b', 1)], next_cursor: null });
    const list = await shown(ALL);
    list.more();
    await settled();
    expect(rows(ALL)).toEqual([['a'], ['b']]);
    socket.resync();
    await settled();
    expect(rows(ALL)).toEqual([['a']]);
    expect(server.times('/conversations')).toBe(3);
  });
});

it('shows the name that a customer has now', async () => {
  server.pages.set('first', { data: [conversation('a', 1)], next_cursor: null });
  await shown(ALL);
  const customer = { ...conversation('a', 1).customer, name: 'Clara Dias' };
  for (const id of ['a', 'b']) server.conversations.set(id, conversation(id, 1, { customer }));
  for (const id of ['a', 'b']) told('customer:updated', { customer_id: 'cu', conversation_id: id });
  await settled();
  expect(row(ALL, 'a')?.customer.name).toBe('Clara Dias');
  expect(server.times('/conversations/b')).toBe(0);
});

describe('of what is not known here', () => {
  const moves = (id: string, set: Record<string, unknown>) =>
    told('conversation:updated', { conversation_id: id, version: 1, change: 'x', at: at(9), set });
  const bots = { mode: 'bot', status: 'open', assigned_user_id: null };

  it('nothing is loaded that stands in no list', async () => {
    await shown(whole('mine'));
    await shown(whole('waiting'));
    moves('new', bots);
    says('new', 1, 'Oi', 10);
    moves('new', { mode: 'human', assigned_user_id: 'bruno' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked.filter((path) => path !== '/conversations')).toEqual([]);
  });

  it('what comes into a list is loaded', async () => {
    await shown(whole('waiting'));
    const waiting = conversation('a', 10, { mode: 'waiting' });
    server.conversations.set('a', waiting);
    moves('a', { mode: 'waiting', status: 'waiting', assigned_user_id: null });
    await settled();
    expect(rows(whole('waiting'))).toEqual([['a']]);
  });

  it('what rises from a page that was not loaded is', async () => {
    server.pages.set('first', { data: [conversation('a', 40)], next_cursor: 'more' });
    await shown(ALL);
    server.conversations.set('z', conversation('z', 50, { last_seq: 6 }));
    moves('z', {});
    await settled();
    expect(server.times('/conversations/z')).toBe(0);
    says('z', 6, 'Ainda aí?', 50);
    await settled();
    expect(rows(ALL)).toEqual([['z', 'a']]);
  });
});

it('asks anew who is there once it listens', () => {
  queries.setQueryData(keys.online, []);
  liveState.set('live');
  expect(queries.getQueryState(keys.online)?.isInvalidated).toBe(true);
  liveState.set('stopped');
});
