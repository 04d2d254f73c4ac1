/**
 * How a login outlives the page. The only place that knows where the refresh token lies, and how
 * it is exchanged.
 */

import { i18next } from '../i18n/i18n';
import { forget, recall, remember } from '../local';
import { refused, unreachable } from './errors';
import type { TokenPair } from './types';

const KEY = 'refresh-token';

export function keepRefreshToken(pair: TokenPair): void {
  remember(KEY, pair.refresh_token);
}

export function dropRefreshToken(): void {
  forget(KEY);
}

/** Whether somebody may be logged in. */
export function mayRenew(): boolean {
  return recall<string | null>(KEY, null) !== null;
}

/**
 * Exchanges the refresh token. It is good once, and belongs to all tabs: one of them at a time
 * does this, with the token that the last one left.
 *
 * Resolves to `null` if the login has ended; fails if the server cannot be asked.
 */
export async function exchange(): Promise<TokenPair | null> {
  return alone(async () => {
    const token = recall<string | null>(KEY, null);
    if (token === null) return null;
    const response = await fetch('/api/v1/auth/refresh-token', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': i18next.language },
      body: JSON.stringify({ refresh_token: token }),
    }).catch(() => {
      throw unreachable();
    });
    if (response.ok) {
      const pair = (await response.json()) as TokenPair;
      keepRefreshToken(pair);
      return pair;
    }
    if (response.status === 401 || response.status === 400) {
      dropRefreshToken();
      return null;
    }
    throw refused(response, await response.json().catch(() => null));
  });
}

async function alone<T>(work: () => Promise<T>): Promise<T> {
  // Pages that come without HTTPS have no locks; there, two tabs may end a login.
  return navigator.locks ? await navigator.locks.request('papo-refresh-token', work) : work();
}
