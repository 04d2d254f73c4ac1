/** Pictures that only who is logged in may see. */

import { send } from './client';
import { refused } from './errors';

/** Fetches one. */
export async function picture(path: string, signal: AbortSignal): Promise<Blob> {
  const response = await send(new Request(new URL(path, location.origin), { signal }));
  if (!response.ok) throw refused(response, await response.json().catch(() => null));
  return response.blob();
}
