// Reports and search over a year of a company: load-tests/reading.sql made it. Two people ask one
// thing after the other, each time with other filters; how long an answer takes is judged by kind.

import http from 'k6/http';
import { check } from 'k6';

const seed = JSON.parse(open(__ENV.SEED));
const thresholds = JSON.parse(open('./thresholds.json'));
const BASE = `http://127.0.0.1:${__ENV.PAPO_PORT}/api/v1`;
const ROUNDS = Number(__ENV.ROUNDS);
const DAY = 24 * 3600 * 1000;

let draws = 1;
// The same in each run.
function draw(most) {
  draws = (draws * 1103515245 + 12345 + __VU) % 2147483648;
  return Math.floor((draws / 2147483648) * most);
}
const one = (of) => of[draw(of.length)];
const day = (ago) => new Date(Date.now() - ago * DAY).toISOString().slice(0, 10);
// Some days of the year.
function period(days) {
  const to = draw(366 - days);
  return `from=${day(to + days - 1)}&to=${day(to)}`;
}

const FREQUENT = ['pedido', 'obrigado', 'entrega', 'bom dia', 'preciso'];
const SELDOM = ['silhasão', 'nipenal', 'ramilhão', 'lugopor', 'instalação técnico'];
const order = () => String(draw(1000000));
const q = (words) => `q=${encodeURIComponent(words)}`;

// What is asked, by how long it may take. Names go into thresholds, which know no commas.
const ASKED = {
  report: {
    'overview 30 days': () => '/metrics/overview',
    'overview a year': () => `/metrics/overview?${period(366)}`,
    'overview of a department 90 days': () =>
      `/metrics/overview?${period(90)}&department_id=${one(seed.departments)}`,
    'overview of a channel 90 days': () =>
      `/metrics/overview?${period(90)}&channel_id=${one(seed.channels)}`,
    'overview of an attendant a year': () =>
      `/metrics/overview?${period(366)}&user_id=${one(seed.users)}`,
    'attendance by attendant 30 days': () => `/metrics/attendance?${period(30)}&group_by=attendant`,
    'attendance by attendant a year': () => `/metrics/attendance?${period(366)}&group_by=attendant`,
    'attendance by department a year': () => `/metrics/attendance?${period(366)}&group_by=department`,
    'attendance by channel 90 days': () => `/metrics/attendance?${period(90)}&group_by=channel`,
    'export by day a year': () => `/metrics/export?${period(366)}&group_by=day&format=csv`,
    'export by attendant a year': () => `/metrics/export?${period(366)}&group_by=attendant&format=json`,
  },
  search: {
    'a frequent word': () => `/search/messages?${q(one(FREQUENT))}`,
    'a seldom word': () => `/search/messages?${q(one(SELDOM))}`,
    'an order': () => `/search/messages?${q(order())}`,
    'a word that nobody wrote': () => `/search/messages?${q('xilofonista')}`,
    'two words': () => `/search/messages?${q(`${one(FREQUENT)} ${one(SELDOM)}`)}`,
    'a frequent word without accents': () => `/search/messages?${q('devolucoes')}`,
    'in a conversation': () =>
      `/search/messages?${q(one(FREQUENT))}&conversation=${one(seed.conversations)}`,
    'of a customer': () => `/search/messages?${q(one(FREQUENT))}&customer=${one(seed.customers)}`,
    'of a channel': () => `/search/messages?${q(one(SELDOM))}&channel=${one(seed.channels)}`,
    'of a department by attendants': () =>
      `/search/messages?${q(one(FREQUENT))}&department=${one(seed.departments)}&sender=attendant`,
    'of a month': () => {
      const to = draw(330);
      return `/search/messages?${q(one(SELDOM))}&from=${day(to + 30)}T00:00:00Z&to=${day(to)}T00:00:00Z`;
    },
    'customers by name': () => `/customers?${q(one(['maria', 'joao', 'conceicao 12', 'arau']))}`,
    'customers by number': () => `/customers?${q(`551190000${draw(10000)}`)}`,
  },
};

function each(of) {
  return Object.entries(ASKED).flatMap(([kind, names]) => Object.keys(names).map((name) => of(kind, name)));
}

// A debug build is not judged; k6 shows only what has a threshold.
const limit = (kind) => (__ENV.JUDGED === 'no' ? ['p(95)>=0'] : thresholds.reading[kind]);

export const options = {
  // Everybody's first question goes over a connection that is there.
  scenarios: { people: { executor: 'per-vu-iterations', vus: 2, iterations: ROUNDS, maxDuration: '10m' } },
  // Each name has a limit of its own, so that a slow one does not hide behind quick ones.
  thresholds: Object.fromEntries(
    each((kind, name) => [`http_req_duration{name:${name}}`, limit(kind)]).concat([
      ['checks', ['rate==1']],
    ]),
  ),
  summaryTrendStats: ['med', 'p(95)', 'max'],
};

export function setup() {
  const login = http.post(
    `${BASE}/auth/login`,
    JSON.stringify({ email: 'admin@example.com', password: __ENV.PAPO_ADMIN_PASSWORD }),
    { headers: { 'Content-Type': 'application/json', 'X-Tenant-Slug': 'bench' }, tags: { name: 'login' } },
  );
  if (login.status !== 200) throw new Error(`nobody is logged in: ${login.status} ${login.body}`);
  return login.json('access_token');
}

export default function (token) {
  each((kind, name) => {
    const answer = http.get(BASE + ASKED[kind][name](), {
      headers: { Authorization: `Bearer ${token}` },
      timeout: '30s',
      tags: { kind, name },
    });
    check(answer, { 'answered 200': (a) => a.status === 200 });
  });
}

// A table to be read, and to be put into docs/PERFORMANCE.md.
export function handleSummary(data) {
  const lines = each((kind, name) => {
    const { values } = data.metrics[`http_req_duration{name:${name}}`];
    const figures = ['med', 'p(95)', 'max'].map((of) => values[of].toFixed(1));
    return `| ${kind} | ${name} | ${figures.join(' | ')} | ${thresholds.reading[kind][0].slice(6)} |`;
  });
  const head = [
    `${seed.messages} messages, ${seed.sessions} sessions, ${2 * ROUNDS} questions of each kind`,
    '',
    '| | Question | median (ms) | p95 (ms) | longest (ms) | p95 wanted below |',
    '|---|---|---:|---:|---:|---:|',
  ];
  const failed = data.metrics.checks.values.fails;
  const tail = failed ? [`${failed} answers were not 200`] : [];
  return { stdout: `${head.concat(lines, tail).join('\n')}\n` };
}
