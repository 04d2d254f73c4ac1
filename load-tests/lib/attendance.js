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
import { follow, newestEvent } from './ws.js';

// Figures of a message count from the moment at which the rate has it due, so that waiting for a
// slow server, or for k6 itself, is in them.

// Until its acknowledgement.
const ackMs = new Trend('ack_ms', true);
// Until its frame is read from the attendant's socket.
const socketMs = new Trend('socket_ms', true);
// Until k6 posts it: its own share of the other two.
const lateMs = new Trend('late_ms', true);
// Acknowledged messages that their attendant's socket was not told of: one up for the 200, one
// down for the frame.
const undelivered = new Counter('undelivered');
// Accepted answers that WhatsApp did not confirm on the attendant's socket.
const unsent = new Counter('unsent');

// Seconds for all sockets to open, before the first customer writes.
const LEAD = 1;
// Seconds for the last frames to come. A screen that has seen everything does not wait for them,
// but stays for LINGER ms: nothing may come twice.
const PATIENCE = 15;
const LINGER = 1000;


let plan;

// The options of a run.
export function attendance({ messagesPerMinute, answersPerMinute, seconds, thresholds }) {
  const series = (perMinute) => (
    { perMinute, every: 60000 / perMinute, count: Math.floor((seconds * perMinute) / 60) });
  plan = { seconds, messages: series(messagesPerMinute), answers: series(answersPerMinute) };
  const rate = (name, { perMinute, every, count }, users) => ({
    executor: 'constant-arrival-rate',
    exec: name,
    rate: perMinute,
    timeUnit: '1m',
    startTime: `${LEAD}s`,
    // Ends between two, so that it is always `count` of them.
    duration: `${Math.round((count - 0.5) * every)}ms`,
    preAllocatedVUs: users,
    gracefulStop: `${PATIENCE}s`,
  });
  return {
    scenarios: {
      screens: {
        executor: 'per-vu-iterations',
        exec: 'watch',
        vus: tokens.length,
        iterations: 1,
        maxDuration: `${LEAD + seconds + PATIENCE + 5}s`,
        gracefulStop: '5s',
      },
      customers: rate('write', plan.messages, 60),
      attendants: rate('attend', plan.answers, 20),
    },
    thresholds: Object.assign({
      'iterations{scenario:customers}': [`count==${plan.messages.count}`],
      'iterations{scenario:attendants}': [`count==${plan.answers.count}`],
    }, thresholds),
    summaryTrendStats: ['p(50)', 'p(95)', 'p(99)', 'max'],
    setupTimeout: '30s',
  };
}

export function setup() {
  emulator.prepare();
  return { run: `k6.${Date.now()}`, cursor: newestEvent(tokens[0]) };
}

// How many of the first `count` numbers concern attendant `a`, where number n concerns `of(n)`.
function share(count, a, of) {
  let sum = 0;
  for (let n = 0; n < count; n += 1) if (of(n) === a) sum += 1;
  return sum;
}

const answerer = (n) => n % tokens.length;
const reader = (n) => answerer(n % phones.length);

// A customer writes.
export function write({ run }) {
  const n = exec.scenario.iterationInTest;
  const due = exec.scenario.startTime + n * plan.messages.every;
  const text = `Olá, preciso de ajuda com o meu pedido [${run} ${n} ${due}]`;
  lateMs.add(Date.now() - due);
  const answer = deliverText(phones[n % phones.length], `wamid.${run}.${n}`, text);
  ackMs.add(Date.now() - due);
  const stored = check(answer, { 'the webhook is acknowledged': (a) => a.status === 200 });
  if (stored) undelivered.add(1);
}

// An attendant looks at the screen, until everything came.
export function watch({ run, cursor }) {
  const me = exec.scenario.iterationInTest;
  const seen = new Set();
  const confirmed = new Set();
  const newest = {};
  const faults = { twice: 0, gaps: 0 };
  const missing = {
    messages: share(plan.messages.count, me, reader),
    confirmations: share(plan.answers.count, me, answerer),
  };
  const marker = new RegExp(`\\[${run} (\\d+) ([\\d.]+)\\]`);

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
    missing.messages -= 1;
  }

  function messageStatus(status) {
    const good = ['sent', 'delivered', 'read'].includes(status.status);
    if (good && !confirmed.has(status.message_id)) {
      confirmed.add(status.message_id);
      unsent.add(-1);
      missing.confirmations -= 1;
    }
  }

  const trouble = follow(tokens[me], cursor, LEAD + plan.seconds + PATIENCE, {
    greeted: (reply) => check(reply, {
      'hello is accepted': (r) => r.status === 'ok' && !r.response.resync,
    }),
    take: (frame, leave) => {
      const before = missing.messages + missing.confirmations;
      if (frame.event === 'message:new') messageNew(frame.payload);
      if (frame.event === 'message:status') messageStatus(frame.payload);
      const now = missing.messages + missing.confirmations;
      if (now === 0 && before > 0) leave(LINGER);
    },
  });
  if (trouble) console.error(`screen ${me}: ${trouble}`);
  if (missing.messages || missing.confirmations) {
    console.error(`screen ${me} misses ${JSON.stringify(missing)}`);
  }
  check(trouble, { 'the socket stays open': (t) => t === null });
  check(faults, {
    'no message comes twice': (f) => f.twice === 0,
    'each conversation comes without gaps': (f) => f.gaps === 0,
  });
}

// An attendant reads a conversation and answers it, the second time by mistake.
export function attend({ run }) {
  const n = exec.scenario.iterationInTest;
  const token = tokens[answerer(n)];
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
