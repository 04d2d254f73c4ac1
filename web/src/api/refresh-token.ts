/**
 * How a login outlives the page: the browser keeps the refresh token in a cookie that no script can
 * read. The only place that knows of it.
 */

import { i18next } from '../i18n/i18n';
import { forget, recall, remember } from '../local';
import { refused, unreachable } from './errors';
import type { TokenPair } from './types';

/** How a login asks for the cookie. */
export const KEPT = { session: 'cookie' } as const;

const MARK = 'logged-in';

/** There is a cookie from now on. */
export function noteLogin(): void {
  remember(MARK, true);
}

/** There is none any more, or it is good for nothing. */
export function noteLogout(): void {
  forget(MARK);
}

/** An answer takes no longer than this; milliseconds. */
export const PATIENCE = 30_000;

/** Whether somebody may be logged in. */
export function mayRenew(): boolean {
  return recall(MARK, false);
}

/**
 * Exchanges the refresh token. It is good once, and belongs to all tabs: one of them at a time
 * does this.
 *
 * Resolves to `null` if the login has ended; fails if the server cannot be asked.
 */
export async function exchange(): Promise<TokenPair | null> {
  return alone(async () => {
    if (!mayRenew()) return null;
    const response = await fetch('/api/v1/auth/refresh-token', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': i18next.language },
      body: JSON.stringify(KEPT),
      // All tabs wait for this one.
      signal: AbortSignal.timeout(PATIENCE),
    }).catch(() => {
      throw unreachable();
    });
    if (response.ok) return (await response.json()) as TokenPair;
    if (response.status === 401) {
      noteLogout();
      return null;
    }
    throw refused(response, await response.json().catch(() => null));
  });
}

async function alone<T>(work: () => Promise<T>): Promise<T> {
  // Pages that come without HTTPS have no locks; there, the server's grace has to do.
  return navigator.locks ? await navigator.locks.request('papo-refresh-token', work) : work();
}
