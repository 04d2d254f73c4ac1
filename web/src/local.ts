/**
 * What stays in this browser. Storage may be full or forbidden: then things last as long as the
 * page does, and nothing fails.
 */

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(`papo:${key}`, JSON.stringify(value));
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
  } catch {
    // Forbidden.
  }
}

/** All that is remembered under names which begin so. */
export function recallAll<T>(prefix: string): T[] {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(`papo:${prefix}`))
      .map((name) => JSON.parse(localStorage.getItem(name) ?? '') as T);
  } catch {
    return [];
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
