/**
 * What stays in this browser. Storage may be full or forbidden: then things last as long as the
 * page does, and nothing fails.
 */

/** What people write: about customers, and so not for ever. */
const WRITTEN = ['draft:', 'form:', 'outbox:'];
/** How long it is kept after it was touched; milliseconds. */
const KEPT = 30 * 86_400_000;

const isWritten = (key: string) => WRITTEN.some((kind) => key.startsWith(kind));
/** Where it stands when something was touched. */
const touched = (key: string) => `papo-touched:${key}`;

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(`papo:${key}`, JSON.stringify(value));
    if (isWritten(key)) localStorage.setItem(touched(key), String(Date.now()));
  } catch {
    // Full or forbidden.
  }
}

export function recall<T>(key: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`papo:${key}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(`papo:${key}`);
    if (isWritten(key)) localStorage.removeItem(touched(key));
  } catch {
    // Forbidden.
  }
}

/** Under which names that begin so something is remembered. */
export function remembered(prefix: string): string[] {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(`papo:${prefix}`))
      .map((name) => name.slice('papo:'.length));
  } catch {
    return [];
  }
}

/** All that is remembered under names which begin so. */
export function recallAll<T>(prefix: string): T[] {
  try {
    return remembered(prefix).map(
      (name) => JSON.parse(localStorage.getItem(`papo:${name}`) ?? '') as T,
    );
  } catch {
    return [];
  }
}

/** Lets go of what somebody wrote long ago, whoever it was. */
export function forgetOld(): void {
  for (const key of WRITTEN.flatMap(remembered)) {
    try {
      const at = localStorage.getItem(touched(key));
      if (at === null) localStorage.setItem(touched(key), String(Date.now()));
      else if (Date.now() - Number(at) > KEPT) forget(key);
    } catch {
      // Full or forbidden.
    }
  }
}

/** Calls `listener` with what another window remembers; with `null` for what it forgets. */
export function onElsewhere(listener: (key: string, value: unknown) => void): void {
  window.addEventListener('storage', ({ key, newValue }) => {
    if (!key?.startsWith('papo:')) return;
    listener(key.slice('papo:'.length), newValue === null ? null : JSON.parse(newValue));
  });
}

/** A fresh random name, also where the page does not come by HTTPS. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
