/** Who is logged in. The access token lives in memory only. */

import { createStore } from '../store';
import { refused, unreachable } from './errors';
import { exchange, KEPT, mayRenew, noteLogin, noteLogout, PATIENCE } from './refresh-token';
import type { Me, TokenPair } from './types';

export type Session =
  /** Not known yet: the page has just been opened. */
  | { state: 'starting' }
  /** The server could not be asked yet. */
  | { state: 'unreachable' }
  | { state: 'out'; ended: boolean }
  | {
      state: 'in';
      me: Me;
      /** The tenant that a super admin looks into. */
      acting: string | null;
    };

export const session = createStore<Session>({ state: 'starting' });

interface Access {
  token: string;
  /** By the clock of `performance`. */
  endsAt: number;
}

let access: Access | null = null;
/** Whose page this is: what was read for them, and what is on its way, is nobody else's. */
let owner: string | null = null;
let renewing: Promise<string | null> | null = null;

/** Tokens are renewed this long before they end; milliseconds. */
const EARLY = 30_000;

/** Tabs tell each other who came and who left. */
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('papo-session');
tabs?.addEventListener('message', ({ data }) => {
  if (data === 'out' && session.get().state === 'in') leave(false);
  if (data === 'in' && session.get().state === 'out') void start();
  // The cookie is another one: whose, the next token says.
  if (data === 'in') access = null;
});

/** Takes a token; somebody else's begins the page anew, with nothing of whom it belonged to. */
function take(pair: TokenPair): string | Promise<never> {
  const user = subjectOf(pair.access_token);
  if (owner !== null && user !== owner) {
    location.replace('/');
    return new Promise(() => {});
  }
  owner = user;
  access = { token: pair.access_token, endsAt: performance.now() + pair.expires_in * 1000 };
  return pair.access_token;
}

/** Whose token it is. It is the server's to judge; here it tells people apart. */
function subjectOf(token: string): string {
  const claims = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  return (JSON.parse(atob(claims)) as { sub: string }).sub;
}

function leave(ended: boolean): void {
  access = null;
  session.set({ state: 'out', ended });
}

/**
 * A token that is good for a while, renewed where needed. `null` if the login has ended; fails if
 * the server cannot be asked.
 */
export async function accessToken(): Promise<string | null> {
  if (access && access.endsAt - performance.now() > EARLY) return access.token;
  return renew();
}

/** Another token than `stale`, which the server did not take. */
export async function renewedToken(stale: string): Promise<string | null> {
  if (access && access.token !== stale) return accessToken();
  return renew();
}

function renew(): Promise<string | null> {
  renewing ??= exchange()
    .then((pair) => {
      if (pair) return take(pair);
      if (session.get().state !== 'out') leave(session.get().state === 'in');
      return null;
    })
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

/** Finds out who is logged in, from what the last visit left. */
export async function start(): Promise<void> {
  if (!mayRenew()) {
    leave(false);
    return;
  }
  session.set({ state: 'starting' });
  try {
    const token = await accessToken();
    if (token !== null) session.set({ state: 'in', me: await fetchMe(token), acting: null });
  } catch {
    session.set({ state: 'unreachable' });
  }
}

async function fetchMe(token: string): Promise<Me> {
  const response = await fetch('/api/v1/auth/me', {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!response.ok) throw refused(response, null);
  return (await response.json()) as Me;
}

/** Logs in; fails with what the server says, `mfa_required` for one. */
export function logIn(
  email: string,
  password: string,
  tenant: string,
  language: string,
): Promise<void> {
  return enter('/api/v1/auth/login', { email, password }, language, tenant);
}

/** The second half of a login that `mfa_required` has ended with a challenge. */
export function proveSecondFactor(
  challenge: string,
  proof: { code: string } | { recovery_code: string },
  language: string,
): Promise<void> {
  return enter('/api/v1/auth/2fa/verify', { challenge, ...proof }, language);
}

async function enter(path: string, asked: object, language: string, tenant = ''): Promise<void> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'accept-language': language,
  };
  if (tenant) headers['x-tenant-slug'] = tenant;
  const body = JSON.stringify({ ...asked, ...KEPT });
  const response = await fetch(path, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => {
    throw unreachable();
  });
  const answered = await response.json().catch(() => null);
  if (!response.ok) throw refused(response, answered);
  const { user, ...pair } = answered as TokenPair & { user: Me };
  noteLogin();
  tabs?.postMessage('in');
  await take(pair);
  session.set({ state: 'in', me: user, acting: null });
}

/** Who leaves waits no longer for the server; milliseconds. */
const GOODBYE = 5_000;

const leaving = new Set<() => void>();

/** Calls `listener` while who logs out is still there, until the returned function is called. */
export function onLogOut(listener: () => void): () => void {
  leaving.add(listener);
  return () => leaving.delete(listener);
}

/** Logs out here and in the other tabs. */
export async function logOut(): Promise<void> {
  for (const listener of [...leaving]) listener();
  const token = access?.token;
  if (token) {
    // Out is out, also where the server cannot be told. Its answer takes the cookie away: it must
    // not come after the next login.
    await fetch('/api/v1/auth/logout', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(GOODBYE),
    }).catch(() => undefined);
  }
  noteLogout();
  leave(false);
  tabs?.postMessage('out');
}

/** The caller's account was changed. */
export function replaceMe(me: Me): void {
  session.set((now) => (now.state === 'in' ? { ...now, me } : now));
}

/** A super admin looks into a tenant, or into none. */
export function actAs(tenant: string | null): void {
  session.set((now) => (now.state === 'in' ? { ...now, acting: tenant } : now));
}

/** Who is logged in, for what is shown only to those. */
export function me(): Me {
  const now = session.get();
  if (now.state !== 'in') throw new Error('nobody is logged in');
  return now.me;
}

/** Whose data the pages show: one's own tenant's, or the one that a super admin looks into. */
export function tenantInSight(): string | null {
  const now = session.get();
  return now.state === 'in' ? (now.acting ?? now.me.tenant_id ?? null) : null;
}
