// Attendants at work: customers write at a constant rate whatever the server does, each
// attendant follows a socket, and attendants read and answer by the API. How many of each there
// are is bench-seed's to say, how much they do the script's that is run.

import exec from 'k6/execution';
import { check } from 'k6';
import { Counter, Trend } from 'k6/metrics';
import * as api from './api.js';
import * as emulator from './emulator.js';
import { phones, tokens } from './fixture.js';
import { deliverText } from './webhook.js';
import { follow } from './ws.js';

// Webhook to socket: from before the delivery is posted until the frame is read.
const socketMs = new Trend('socket_ms', true);
// Acknowledged messages that their attendant's socket was not told of: one up for the 200, one
// down for the frame.
const undelivered = new Counter('undelivered');
// Accepted answers that WhatsApp did not confirm on the attendant's socket.
const unsent = new Counter('unsent');

// Seconds for all sockets to open, before the first customer writes.
const LEAD = 1;
// Seconds for the last frames to come.
const TAIL = 2;

// The options of a run.
export function attendance({ messagesPerMinute, answersPerMinute, seconds, thresholds }) {
  const rate = (perMinute, name, start, length) => ({
    executor: 'constant-arrival-rate',
    exec: name,
    rate: perMinute,
    timeUnit: '1m',
    startTime: `${start}s`,
    duration: `${length}s`,
    preAllocatedVUs: 30,
    gracefulStop: `${TAIL}s`,
  });
  return {
    scenarios: {
      screens: {
        executor: 'per-vu-iterations',
        exec: 'watch',
        vus: tokens.length,
        iterations: 1,
        maxDuration: `${LEAD + seconds + TAIL + 10}s`,
        env: { SECONDS: String(LEAD + seconds + TAIL) },
      },
      customers: rate(messagesPerMinute, 'write', LEAD, seconds),
      attendants: rate(answersPerMinute, 'attend', LEAD, seconds),
    },
    thresholds,
    summaryTrendStats: ['p(50)', 'p(95)', 'p(99)', 'max'],
  };
}

export function setup() {
  emulator.prepare();
  return { run: `k6.${Date.now()}` };
}

// A customer writes.
export function write({ run }) {
  const n = exec.scenario.iterationInTest;
  const c = n % phones.length;
  const text = `Olá, preciso de ajuda com o meu pedido [${run} ${n} ${Date.now()}]`;
  const answer = deliverText(phones[c], `wamid.${run}.${n}`, text);
  const stored = check(answer, { 'the webhook is acknowledged': (a) => a.status === 200 });
  if (stored) undelivered.add(1);
}

// An attendant looks at the screen.
export function watch({ run }) {
  const seen = new Set();
  const confirmed = new Set();
  const newest = {};
  const faults = { twice: 0, gaps: 0 };
  const marker = new RegExp(`\\[${run} (\\d+) (\\d+)\\]`);

  function messageNew(message) {
    const before = newest[message.conversation_id];
    if (before !== undefined && message.seq !== before + 1) faults.gaps += 1;
    newest[message.conversation_id] = message.seq;
    const found = marker.exec(message.text);
    if (message.sender_type !== 'customer' || !found) return;
    if (seen.has(found[1])) {
      faults.twice += 1;
      return;
    }
    seen.add(found[1]);
    socketMs.add(Date.now() - Number(found[2]));
    undelivered.add(-1);
  }

  function messageStatus(status) {
    const good = ['sent', 'delivered', 'read'].includes(status.status);
    if (good && !confirmed.has(status.message_id)) {
      confirmed.add(status.message_id);
      unsent.add(-1);
    }
  }

  const token = tokens[exec.scenario.iterationInTest];
  const trouble = follow(token, Number(__ENV.SECONDS), {
    greeted: (reply) => check(reply, { 'hello is accepted': (r) => r.status === 'ok' }),
    take: (frame) => {
      if (frame.event === 'message:new') messageNew(frame.payload);
      if (frame.event === 'message:status') messageStatus(frame.payload);
    },
  });
  if (trouble) console.error(`socket: ${trouble}`);
  check(trouble, { 'the socket stays open': (t) => t === null });
  check(faults, {
    'no message comes twice': (f) => f.twice === 0,
    'each conversation comes without gaps': (f) => f.gaps === 0,
  });
}

// An attendant reads a conversation and answers it, the second time by mistake.
export function attend({ run }) {
  const n = exec.scenario.iterationInTest;
  const token = tokens[n % tokens.length];
  const list = api.listConversations(token, 'assignee=me&status=open&limit=20');
  if (!check(list, { 'conversations are listed': (a) => a.status === 200 })) return;
  const open = list.json('data');
  if (!check(open, { 'there is somebody to answer': (o) => o.length > 0 })) return;
  const { id } = open[Math.floor(n / tokens.length) % open.length];

  check(api.showConversation(token, id), { 'a conversation is shown': (a) => a.status === 200 });
  check(api.listMessages(token, id), {
    'messages are listed without gaps': (a) => a.status === 200
      && a.json('data').every((message, i, all) => i === 0 || all[i - 1].seq === message.seq + 1),
  });
  check(api.markRead(token, id), { 'a conversation is read': (a) => a.status === 200 });

  const key = `${run}.${n}`;
  const first = api.sendText(token, id, key, 'Claro, vou verificar agora mesmo.');
  if (!check(first, { 'an answer is accepted': (a) => a.status === 201 })) return;
  unsent.add(1);
  const again = api.sendText(token, id, key, 'Claro, vou verificar agora mesmo.');
  check(again, {
    'a repeated answer is the same answer': (a) => a.status === 201
      && a.headers['Idempotent-Replayed'] === 'true' && a.json('id') === first.json('id'),
  });
}
