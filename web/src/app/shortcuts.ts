/** Keys that do something, and the list of them that `?` shows. */

import { useHotkeys } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { createStore } from '../store';

export interface Shortcut {
  /** As Mantine writes them: `mod+K`, `J`, `shift+/`. */
  keys: string;
  /** Shown in the list; the first of several that do the same names it. */
  label: string;
  group: string;
  run: () => void;
  /** Also while somebody types. */
  everywhere?: boolean;
}

/** What can be pressed now. */
export const shortcuts = createStore<readonly Shortcut[]>([]);

/** These keys work as long as the component is there. */
export function useShortcuts(mine: readonly Shortcut[]): void {
  const latest = useRef(mine);
  useEffect(() => {
    latest.current = mine;
  });
  const typed = mine.filter(({ everywhere }) => !everywhere);
  const always = mine.filter(({ everywhere }) => everywhere);
  useHotkeys(typed.map(({ keys, run }) => [keys, run]));
  useHotkeys(
    always.map(({ keys, run }) => [keys, run]),
    [],
  );
  const shown = mine.map(({ keys, label, group }) => `${group}/${keys}/${label}`).join();
  useEffect(() => {
    if (shown === '') return;
    const listed = latest.current;
    shortcuts.set((now) => [...now, ...listed]);
    return () => shortcuts.set((now) => now.filter((one) => !listed.includes(one)));
  }, [shown]);
}
