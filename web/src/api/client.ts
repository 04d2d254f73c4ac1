/** Requests to the API, typed by its own description. */

import createClient from 'openapi-fetch';
import { i18next } from '../i18n/i18n';
import { ApiError, refused, unreachable } from './errors';
import type { paths } from './schema';
import { accessToken, renewedToken, session } from './session';

/** An answer takes no longer than this; milliseconds. */
const PATIENCE = 30_000;

/**
 * Sends a request as the caller. Where the server does not take the token any more, with a new one,
 * once.
 */
export async function send(request: Request): Promise<Response> {
  const token = await accessToken();
  const again = request.clone();
  const response = await dispatch(request, token);
  if (response.status !== 401 || token === null) return response;
  const renewed = await renewedToken(token);
  return renewed === null ? response : dispatch(again, renewed);
}

async function dispatch(request: Request, token: string | null): Promise<Response> {
  const headers = new Headers(request.headers);
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  headers.set('accept-language', i18next.language);
  const now = session.get();
  if (now.state === 'in' && now.acting) headers.set('x-tenant-slug', now.acting);
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE)]);
  try {
    return await fetch(new Request(request, { headers, signal }));
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw unreachable();
  }
}

/** `api.GET('/api/v1/…')` and so on; give the promise to `answer`. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

interface Result<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What the server answered; fails with an [`ApiError`] if it refused. */
export async function answer<T>(request: Promise<Result<T>>): Promise<T> {
  const { data, error, response } = await request;
  if (!response.ok) throw refused(response, error);
  return data as T;
}

/** Whether asking again makes sense, for queries. */
export function worthRetrying(failures: number, error: unknown): boolean {
  return failures < 2 && (!(error instanceof ApiError) || error.passing);
}
