/** Keys that do something, and the list of them that `?` shows. */

import { useEffect, useRef } from 'react';
import { createStore } from '../store';

export interface Shortcut {
  /** What is pressed: `J`, `?`, `mod+K`, `alt+ArrowUp`. `mod` is ⌘ on a Mac, else Ctrl. */
  keys: string;
  label: string;
  group: string;
  run: () => void;
  /** Also while somebody types. */
  everywhere?: boolean;
}

/** What can be pressed now. */
export const shortcuts = createStore<readonly Shortcut[]>([]);

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/**
 * Whether these are the keys. Signs are known by what they are, since keyboards have them in
 * different places, with Shift and without.
 */
export function pressed(keys: string, event: KeyboardEvent): boolean {
  const parts = keys.split('+');
  const key = parts.pop() ?? '';
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const other = isMac ? event.ctrlKey : event.metaKey;
  if (mod !== parts.includes('mod') || other || event.altKey !== parts.includes('alt')) {
    return false;
  }
  if (event.key.toLowerCase() !== key.toLowerCase()) return false;
  const sign = key.length === 1 && !/\p{L}/u.test(key);
  return sign || event.shiftKey === parts.includes('shift');
}

const WRITES = 'input, textarea, select, [contenteditable="true"]';
const ACTS = 'a, button, [role="menuitem"], [role="option"]';

/** Whether the keys mean something else where they were pressed. */
function elsewhere({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('[role="dialog"], [role="menu"]') || target.matches(WRITES)) return true;
  return key === 'Enter' && target.closest(ACTS) !== null;
}

/** Whoever loses a field while they write goes on for a moment without it; milliseconds. */
const QUIET = 1_500;

/** Waits for keys until the returned function is called. */
export function listenForKeys(): () => void {
  let field: Element | null = null;
  let typed = 0;
  const note = ({ target, key }: KeyboardEvent) => {
    if (!(target instanceof Element && target.matches(WRITES))) return;
    // These leave it; all else is writing.
    const leaves =
      key === 'Escape' || key === 'Tab' || (key === 'Enter' && target.matches('input'));
    field = leaves ? null : target;
    typed = Date.now();
  };
  const turn = () => {
    field = null;
  };
  /** Whether the key is the rest of a sentence whose field was taken away. */
  const astray = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean => {
    const gone = field !== null && (!field.isConnected || field.matches(':disabled'));
    const writes = (key.length === 1 || key === 'Enter') && !ctrlKey && !metaKey && !altKey;
    if (!gone || !writes || Date.now() - typed > QUIET) return false;
    typed = Date.now();
    return true;
  };
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const busy = elsewhere(event);
    if (!busy && astray(event)) return;
    // Who came last is nearest to what somebody is doing.
    const found = shortcuts
      .get()
      .findLast((one) => (one.everywhere || !busy) && pressed(one.keys, event));
    if (!found) return;
    event.preventDefault();
    found.run();
  };
  window.addEventListener('keydown', note, true);
  window.addEventListener('pointerdown', turn, true);
  window.addEventListener('keydown', listen);
  return () => {
    window.removeEventListener('keydown', note, true);
    window.removeEventListener('pointerdown', turn, true);
    window.removeEventListener('keydown', listen);
  };
}

/** Waits for keys, once for the whole page. */
export function useKeys(): void {
  useEffect(listenForKeys, []);
}

/** These keys work as long as the component is there. */
export function useShortcuts(mine: readonly Shortcut[]): void {
  const latest = useRef(mine);
  useEffect(() => {
    latest.current = mine;
  });
  const shown = mine.map(({ keys, label, group }) => `${group}/${keys}/${label}`).join();
  useEffect(() => {
    if (shown === '') return;
    const listed = latest.current.map((one, at) => ({
      ...one,
      run: () => latest.current[at]?.run(),
    }));
    shortcuts.set((now) => [...now, ...listed]);
    return () => shortcuts.set((now) => now.filter((one) => !listed.includes(one)));
  }, [shown]);
}
