/** Files that the server makes. */

import { send } from './client';
import { refused } from './errors';

/** Fetches a file and gives it to the browser to keep, under the name that the server gave it. */
export async function download(path: string, otherwise: string): Promise<void> {
  const response = await send(new Request(new URL(path, location.origin)));
  if (!response.ok) throw refused(response, await response.json().catch(() => null));
  const name = fileName(response.headers.get('content-disposition')) ?? otherwise;
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser takes it in its own time.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The name in a header of RFC 6266; `null` where it has none. */
export function fileName(disposition: string | null): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  if (encoded) return decodeURIComponent(encoded);
  const [, quoted, plain] = /filename=(?:"([^"]+)"|([^;]+))/i.exec(disposition ?? '') ?? [];
  return quoted ?? plain ?? null;
}
