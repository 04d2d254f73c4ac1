/** What can go wrong with a request, as one kind of error. */

import { common } from '../i18n/common';

interface ErrorBody {
  code?: string;
  message?: string;
  details?: unknown;
  request_id?: string;
}

export interface FieldFault {
  field: string;
  message: string;
}

/** The server refused, could not be reached, or does not know. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** 0 where no answer came. */
    readonly status: number,
    /** The API's word for it; `offline` where no answer came. */
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
    readonly requestId?: string,
    /** Seconds after which it is worth trying again. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }

  /** Whether the very same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** What is wrong with which field. */
  get fields(): FieldFault[] {
    const { fields } = this.details;
    return Array.isArray(fields) ? (fields as FieldFault[]) : [];
  }
}

/** From an answer that is not a success. */
export function refused(response: Response, body: unknown): ApiError {
  const { code, message, details, request_id } = (
    typeof body === 'object' && body !== null ? body : {}
  ) as ErrorBody;
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(
    response.status,
    code ?? `http_${response.status}`,
    message ?? common.say('failed'),
    typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {},
    request_id ?? response.headers.get('x-request-id') ?? undefined,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}

/** No answer came. */
export function unreachable(): ApiError {
  return new ApiError(0, 'offline', common.say('offline'));
}

/** Whatever was thrown, as a text for people, without what is wrong by field. */
export function wordsOf(error: unknown): string {
  return error instanceof ApiError ? error.message : common.say('failed');
}
