/** Files on their way up, which can be watched and called back. */

import { ApiError, unreachable } from '../api/errors';
import { accessToken, renewedToken, session } from '../api/session';
import { i18next } from '../i18n/i18n';
import type { Kind } from './files';

/** A file that the server has. */
export interface Stored {
  id: string;
  kind: Kind;
  mime_type: string | null;
  size: number | null;
  filename: string | null;
}

interface Options {
  filename: string;
  /** What it is to be; else what fits the bytes. */
  kind: Kind | null;
  signal: AbortSignal;
  /** 0 to 1. */
  progress: (done: number) => void;
}

export async function upload(file: Blob, options: Options): Promise<Stored> {
  const token = await accessToken();
  try {
    return await put(file, token, options);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401 && token !== null)) throw error;
    return put(file, await renewedToken(token), options);
  }
}

/** `fetch` does not tell how far it is. */
function put(file: Blob, token: string | null, options: Options): Promise<Stored> {
  const { filename, kind, signal, progress } = options;
  const query = new URLSearchParams({ filename, ...(kind && { kind }) });
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/media?${query}`);
    request.responseType = 'json';
    if (token !== null) request.setRequestHeader('authorization', `Bearer ${token}`);
    request.setRequestHeader('accept-language', i18next.language);
    request.setRequestHeader('content-type', file.type || 'application/octet-stream');
    const now = session.get();
    if (now.state === 'in' && now.acting) request.setRequestHeader('x-tenant-slug', now.acting);
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status === 201) resolve(request.response as Stored);
      else reject(refusal(request));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

function refusal({ status, response }: XMLHttpRequest): ApiError {
  const { code, message, details, request_id } = (response ?? {}) as {
    code?: string;
    message?: string;
    details?: Record<string, unknown>;
    request_id?: string;
  };
  return new ApiError(status, code ?? `http_${status}`, message ?? '', details ?? {}, request_id);
}
