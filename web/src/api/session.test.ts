import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const claims = (sub: string) => btoa(JSON.stringify({ sub, exp: 1 })).replaceAll('=', '');
const pairOf = (user: string, expires_in = 900) => ({
  access_token: `head.${claims(user)}.${expires_in}`,
  expires_in,
});

/** Who logs in next, and whose the cookie is. */
let server: { login: string; cookie: string; seconds: number };
let replace: ReturnType<typeof vi.fn>;

async function answer(request: string): Promise<Response> {
  if (request.endsWith('/auth/login')) {
    const { login, seconds } = server;
    return Response.json({ ...pairOf(login, seconds), user: { id: login, permissions: [] } });
  }
  if (request.endsWith('/auth/refresh-token')) return Response.json(pairOf(server.cookie));
  if (request.endsWith('/auth/me')) return Response.json({ id: server.cookie, permissions: [] });
  return Response.json({});
}

/** What tabs hear of each other; only those of one test. */
class Channel extends EventTarget {
  static all: Channel[] = [];
  constructor() {
    super();
    Channel.all.push(this);
  }
  postMessage(data: unknown) {
    for (const other of Channel.all) {
      if (other !== this) other.dispatchEvent(new MessageEvent('message', { data }));
    }
  }
}

/** A page that was just opened. */
async function page() {
  vi.resetModules();
  const session = await import('./session');
  const { queries } = await import('../app/queries');
  return { ...session, queries };
}
type Page = Awaited<ReturnType<typeof page>>;

const logIn = ({ logIn }: Page) => logIn('a@example.com', 'password', 'demo', 'pt-BR');

/** What became of a promise so far. */
async function soFar<T>(promise: Promise<T>): Promise<T | 'pending'> {
  return Promise.race([promise, new Promise<'pending'>((is) => setTimeout(is, 20, 'pending'))]);
}

beforeEach(() => {
  server = { login: 'ana', cookie: 'ana', seconds: 900 };
  replace = vi.fn();
  Channel.all = [];
  vi.stubGlobal('BroadcastChannel', Channel);
  vi.stubGlobal('fetch', answer);
  vi.stubGlobal('location', { origin: 'http://localhost', replace });
  localStorage.clear();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it('forgets what was read when somebody leaves', async () => {
  const here = await page();
  await logIn(here);
  here.queries.setQueryData(['conversation', 'c1'], { id: 'c1' });
  await here.logOut();
  expect(here.queries.getQueryCache().getAll()).toEqual([]);
});

it('keeps what is being read by who never was inside', async () => {
  const here = await page();
  here.queries.setQueryData(['link', 'invitation'], {});
  await here.start();
  expect(here.session.get()).toEqual({ state: 'out', ended: false });
  expect(here.queries.getQueryData(['link', 'invitation'])).toEqual({});
});

it('lets the same person in again', async () => {
  const here = await page();
  await logIn(here);
  await here.logOut();
  await logIn(here);
  expect(here.session.get()).toMatchObject({ state: 'in', me: { id: 'ana' } });
  expect(replace).not.toHaveBeenCalled();
});

it('begins the page anew for somebody else', async () => {
  const here = await page();
  await logIn(here);
  await here.logOut();
  server = { ...server, login: 'bruno', cookie: 'bruno' };
  expect(await soFar(logIn(here))).toBe('pending');
  expect(replace).toHaveBeenCalledExactlyOnceWith('/');
  expect(here.session.get().state).toBe('out');
});

it('asks nothing with the token of who logged in elsewhere in this browser', async () => {
  const here = await page();
  // So short that it is renewed at once.
  server.seconds = 1;
  await logIn(here);
  server.cookie = 'bruno';
  expect(await soFar(here.accessToken())).toBe('pending');
  expect(replace).toHaveBeenCalledExactlyOnceWith('/');
  expect(here.me().id).toBe('ana');
});

it('renews the login of the same person', async () => {
  const here = await page();
  server.seconds = 1;
  await logIn(here);
  expect(await here.accessToken()).toBe(pairOf('ana').access_token);
  expect(replace).not.toHaveBeenCalled();
});

it('learns of another login before the token ends', async () => {
  const here = await page();
  await logIn(here);
  server.cookie = 'bruno';
  new Channel().postMessage('in');
  expect(await soFar(here.accessToken())).toBe('pending');
  expect(replace).toHaveBeenCalledWith('/');
});
