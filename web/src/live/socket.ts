/**
 * One socket to the server that comes back by itself, with a cursor, so that nothing is missed:
 * "A right client" of docs/REALTIME.md. Knows nothing of what the events mean.
 */

import { type EventFrame, type Greeting, isReply, type ReplyFrame, readFrame } from './frames';

export type LiveState =
  /** Nobody is logged in, or the login may not listen. */
  | 'stopped'
  | 'connecting'
  /** Connected; what was missed is being told. */
  | 'catching-up'
  | 'live'
  /** Between two attempts. */
  | 'waiting';

export interface Listener {
  /** A token for the socket; other than `stale`, if one was refused. `null`: logged out. */
  token(stale: string | null): Promise<string | null>;
  /** What is known may be out of date: all of it is to be loaded again. */
  resync(): void;
  frame(frame: EventFrame): void;
  state(state: LiveState): void;
}

/** The pause before an attempt: doubles from the first to the last, and varies; milliseconds. */
const FIRST_PAUSE = 1_000;
const LAST_PAUSE = 30_000;
const PING_EVERY = 20_000;
/** Answers to pings and to hello come sooner, or the connection is dead; milliseconds. */
const PATIENCE = 10_000;
/** How many conversations may be joined. */
const MOST_JOINED = 50;

type Replied = (reply: ReplyFrame) => void;

export class LiveSocket {
  private socket: WebSocket | null = null;
  private cursor: number | null = null;
  private rights: string | null = null;
  private failures = 0;
  private refused: string | null = null;
  private running = false;
  private attempt = 0;
  private nextRef = 1;
  private replies = new Map<string, Replied>();
  private readonly joined = new Set<string>();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pinging: ReturnType<typeof setTimeout> | undefined;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
    private readonly open: (url: string) => WebSocket = (url) => new WebSocket(url),
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    void this.connect();
  }

  stop(): void {
    this.running = false;
    this.drop();
    clearTimeout(this.retry);
    this.listener.state('stopped');
  }

  /** There may be a network again, or somebody looks at the page again. */
  nudge(): void {
    if (!this.running) return;
    if (this.socket === null) {
      this.failures = 0;
      clearTimeout(this.retry);
      void this.connect();
    } else if (this.socket.readyState === 1) {
      this.ping();
    }
  }

  /** From now on tells who types in the conversation, across reconnects. */
  join(conversation: string): void {
    if (this.joined.size >= MOST_JOINED) return;
    this.joined.add(conversation);
    this.askToJoin(conversation);
  }

  leave(conversation: string): void {
    if (this.joined.delete(conversation)) this.ask('leave', { conversation });
  }

  typing(conversation: string): void {
    if (this.joined.has(conversation)) this.ask('typing', { conversation });
  }

  /** Who looks at it already is told like what happens later. */
  private askToJoin(conversation: string): void {
    this.ask('join', { conversation }, ({ status, response }) => {
      if (status === 'ok') this.listener.frame({ v: 1, event: 'viewers', payload: response });
    });
  }

  private async connect(): Promise<void> {
    this.attempt += 1;
    const { attempt } = this;
    this.drop();
    this.listener.state('connecting');
    let token: string | null;
    try {
      token = await this.listener.token(this.refused);
    } catch {
      if (attempt === this.attempt) this.later();
      return;
    }
    if (!this.running || attempt !== this.attempt) return;
    if (token === null) {
      this.running = false;
      this.listener.state('stopped');
      return;
    }
    const socket = this.open(this.url);
    this.socket = socket;
    this.expectAnswer();
    socket.onopen = () => {
      const cursor = this.cursor === null ? {} : { cursor: this.cursor };
      this.ask('hello', { token, ...cursor }, (reply) => this.greeted(reply, token));
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.receive(readFrame(data));
    };
    socket.onclose = ({ code, reason }) => {
      if (socket === this.socket) this.closed(code, reason, token);
    };
  }

  private greeted(reply: ReplyFrame, token: string): void {
    if (reply.status === 'error') {
      const { code } = reply.response as { code?: string };
      // The server closes the socket; a token that it does not take is not offered again.
      if (code?.startsWith('token_') || code === 'not_authenticated') this.refused = token;
      return;
    }
    this.refused = null;
    const greeting = reply.response as Greeting;
    const rights = JSON.stringify([
      greeting.user_id,
      greeting.role,
      [...greeting.departments].sort(),
    ]);
    const changed = this.rights !== null && this.rights !== rights;
    this.rights = rights;
    if (greeting.resync || this.cursor === null) {
      this.cursor = greeting.head;
      this.listener.resync();
    } else if (changed) {
      this.listener.resync();
    }
    this.listener.state('catching-up');
    for (const conversation of this.joined) this.askToJoin(conversation);
    this.ping(greeting.head);
  }

  /** Asks how far the server has told; with `upto`, until that is as far. */
  private ping(upto?: number): void {
    clearTimeout(this.pinging);
    this.expectAnswer();
    this.ask('ping', {}, (reply) => {
      clearTimeout(this.waiting);
      const head = Number((reply.response as { head?: number }).head);
      if (Number.isFinite(head)) this.cursor = Math.max(this.cursor ?? head, head);
      if (upto !== undefined && head < upto) {
        this.pinging = setTimeout(() => this.ping(upto), 500);
        return;
      }
      this.failures = 0;
      this.listener.state('live');
      this.pinging = setTimeout(() => this.ping(), PING_EVERY);
    });
  }

  private receive(frame: EventFrame | ReplyFrame | null): void {
    if (frame === null) return;
    if (isReply(frame)) {
      const ref = String(frame.ref ?? '');
      const replied = this.replies.get(ref);
      this.replies.delete(ref);
      replied?.(frame);
      return;
    }
    if (frame.seq !== undefined) {
      if (this.cursor !== null && frame.seq <= this.cursor) return;
      if (!frame.more) this.cursor = frame.seq;
    }
    this.listener.frame(frame);
  }

  private closed(code: number, reason: string, token: string): void {
    this.drop();
    if (!this.running) return;
    if (code === 4003) {
      this.running = false;
      this.listener.state('stopped');
      return;
    }
    if (code === 4001) this.refused = token;
    // A server that moves, and a token that ended in its time, are no failures.
    const expected = code === 1012 || (code === 4001 && this.failures === 0) || reason === 'away';
    this.failures += 1;
    if (expected) void this.connect();
    else this.later();
  }

  private later(): void {
    if (!this.running) return;
    this.listener.state('waiting');
    const pause = Math.min(LAST_PAUSE, FIRST_PAUSE * 2 ** Math.min(this.failures, 10));
    this.failures += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.connect(), pause * (0.5 + this.random() / 2));
  }

  /** Without an answer in time the connection is given up. */
  private expectAnswer(): void {
    clearTimeout(this.waiting);
    const { socket } = this;
    this.waiting = setTimeout(() => {
      if (socket !== null && socket === this.socket) this.closed(1006, '', '');
    }, PATIENCE);
  }

  private ask(op: string, args: Record<string, unknown>, replied?: Replied): void {
    if (this.socket?.readyState !== 1) return;
    const ref = String(this.nextRef++);
    if (replied) this.replies.set(ref, replied);
    this.socket.send(JSON.stringify({ op, ref, ...args }));
  }

  private drop(): void {
    clearTimeout(this.pinging);
    clearTimeout(this.waiting);
    this.replies.clear();
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }
}
