import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connect, join, leave } from './live';

vi.mock('../api/session', () => ({
  accessToken: async () => 'token',
  renewedToken: async () => null,
}));

interface Sent {
  op: string;
  ref: string;
  conversation?: string;
}

/** A server's end of a socket that says hello to everybody. */
class Wire {
  static all: Wire[] = [];
  readyState = 0;
  sent: Sent[] = [];
  onopen = () => {};
  onmessage = (_: { data: string }) => {};
  onclose = () => {};

  constructor() {
    Wire.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  greet() {
    this.readyState = 1;
    this.onopen();
    const { ref } = this.sent.find(({ op }) => op === 'hello') as Sent;
    const response = { head: 7, resync: false, user_id: 'u', role: 'attendant', departments: [] };
    this.onmessage({ data: JSON.stringify({ event: 'reply', ref, status: 'ok', response }) });
  }
  get joins() {
    return this.sent.filter(({ op }) => op === 'join').map(({ conversation }) => conversation);
  }
}

async function greeted(): Promise<Wire> {
  await vi.advanceTimersByTimeAsync(0);
  const wire = Wire.all.at(-1) as Wire;
  wire.greet();
  return wire;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', Wire);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('joins what was on the screen before there was a socket', async () => {
  join('c1');
  const end = connect(null);
  expect((await greeted()).joins).toEqual(['c1']);
  join('c2');
  leave('c1');
  end();
  // Another company, another socket.
  const endAgain = connect('other');
  expect((await greeted()).joins).toEqual(['c2']);
  leave('c2');
  endAgain();
});
