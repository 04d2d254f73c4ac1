import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventFrame } from './frames';
import { LiveSocket, type LiveState } from './socket';

/** A server's end of a socket, in the test's hands. */
class Wire {
  static all: Wire[] = [];
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(readonly url: string) {
    Wire.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  accept() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  end(code: number, reason = '') {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
  asked(op: string) {
    return this.sent.filter((frame) => frame.op === op).at(-1);
  }
  reply(op: string, response: object, status = 'ok') {
    this.say({ v: 1, event: 'reply', ref: this.asked(op)?.ref, status, response });
  }
  greet(head: number, more: object = {}) {
    this.reply('hello', {
      head,
      resync: false,
      user_id: 'u',
      role: 'attendant',
      departments: [],
      expires_in: 900,
      ...more,
    });
  }
}

const wire = () => Wire.all.at(-1) as Wire;
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('LiveSocket', () => {
  let states: LiveState[];
  let frames: EventFrame[];
  let resyncs: number;
  let tokens: (string | null)[];
  let stale: (string | null)[];
  let live: LiveSocket;

  beforeEach(() => {
    vi.useFakeTimers();
    Wire.all = [];
    states = [];
    frames = [];
    resyncs = 0;
    stale = [];
    tokens = ['one', 'two', 'three', 'four'];
    live = new LiveSocket(
      'ws://papo.example.com/ws',
      {
        token: async (refused) => {
          stale.push(refused);
          return tokens.shift() ?? null;
        },
        resync: () => {
          resyncs += 1;
        },
        frame: (frame) => frames.push(frame),
        state: (state) => states.push(state),
      },
      (url) => new Wire(url) as unknown as WebSocket,
      () => 1,
    );
    live.start();
  });

  afterEach(() => {
    live.stop();
    vi.useRealTimers();
  });

  async function up(head: number) {
    await settle();
    wire().accept();
    wire().greet(head);
    wire().reply('ping', { head });
  }

  it('begins at the newest, has everything loaded, and is live once all was told', async () => {
    await settle();
    wire().accept();
    expect(wire().asked('hello')).toMatchObject({ token: 'one' });
    expect(wire().asked('hello')).not.toHaveProperty('cursor');
    wire().greet(7);
    expect(resyncs).toBe(1);
    expect(states.at(-1)).toBe('catching-up');
    wire().reply('ping', { head: 5 });
    expect(states.at(-1)).toBe('catching-up');
    await vi.advanceTimersByTimeAsync(500);
    wire().reply('ping', { head: 7 });
    expect(states.at(-1)).toBe('live');
  });

  it('comes back with the cursor of the last whole event, and drops what it has', async () => {
    await up(7);
    wire().say({ v: 1, event: 'message:new', seq: 9, payload: {} });
    wire().say({ v: 1, event: 'a', seq: 10, more: true, payload: {} });
    wire().say({ v: 1, event: 'message:new', seq: 8, payload: {} });
    wire().say({ v: 1, event: 'user:typing', payload: {} });
    expect(frames.map(({ event }) => event)).toEqual(['message:new', 'a', 'user:typing']);
    wire().end(1006);
    expect(states.at(-1)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(2_000);
    wire().accept();
    expect(wire().asked('hello')).toMatchObject({ cursor: 9 });
    wire().greet(12);
    expect(resyncs).toBe(1);
  });

  it('moves the cursor up with what pings tell', async () => {
    await up(7);
    await vi.advanceTimersByTimeAsync(20_000);
    wire().reply('ping', { head: 40 });
    wire().end(1012, 'away');
    await settle();
    wire().accept();
    expect(wire().asked('hello')).toMatchObject({ cursor: 40 });
  });

  it('has everything loaded again when told so, or when it may see something else', async () => {
    await up(7);
    wire().end(1012, 'away');
    await settle();
    wire().accept();
    wire().greet(90, { resync: true });
    expect(resyncs).toBe(2);
    wire().end(1012, 'away');
    await settle();
    wire().accept();
    expect(wire().asked('hello')).toMatchObject({ cursor: 90 });
    wire().greet(91, { role: 'supervisor' });
    expect(resyncs).toBe(3);
  });

  it('gets another token after the socket was closed for it, and stops when there is none', async () => {
    await up(7);
    wire().end(4001, 'Token expirado');
    await settle();
    expect(stale).toEqual([null, 'one']);
    tokens = [null];
    wire().end(4001, 'revoked');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states.at(-1)).toBe('stopped');
  });

  it('pauses longer and longer, half a minute at most', async () => {
    tokens = Array.from({ length: 99 }, () => 'token');
    await settle();
    const pauses: number[] = [];
    for (let failure = 0; failure < 7; failure += 1) {
      const before = Wire.all.length;
      wire().end(1006);
      let waited = 0;
      while (Wire.all.length === before && waited < 60_000) {
        await vi.advanceTimersByTimeAsync(500);
        waited += 500;
      }
      pauses.push(waited);
    }
    expect([...pauses].sort((a, b) => a - b)).toEqual(pauses);
    expect(pauses.at(-1)).toBe(30_000);
  });

  it('gives up a connection that does not answer', async () => {
    await up(7);
    const silent = wire();
    await vi.advanceTimersByTimeAsync(20_000 + 10_000);
    expect(states.at(-1)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(wire()).not.toBe(silent);
  });

  it('joins again what was joined', async () => {
    await up(7);
    live.join('c1');
    live.join('c2');
    live.leave('c1');
    wire().end(1012);
    await settle();
    wire().accept();
    wire().greet(7);
    expect(wire().sent.filter(({ op }) => op === 'join')).toMatchObject([{ conversation: 'c2' }]);
  });
});
