/**
 * What somebody types into a form stays in this browser until it is saved or thrown away: over a
 * reload, a look at another page, and the end of a login. It is only theirs, and only good for as
 * long as nobody has saved something else in the meantime.
 */

import type { UseFormReturnType } from '@mantine/form';
import { type Dispatch, type SetStateAction, useEffect, useState } from 'react';
import { me, session } from '../api/session';
import { forget, recall, remember } from '../local';

interface Kept<T> {
  before: T;
  now: T;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function useKey(name: string): string {
  const [whose] = useState(() => {
    const now = session.get();
    // A super admin looks into several tenants.
    return `${me().id}:${(now.state === 'in' && now.acting) || ''}`;
  });
  return `form:${whose}:${name}`;
}

function keptOf<T>(key: string, before: T): T | null {
  const kept = recall<Kept<T> | null>(key, null);
  return kept && same(kept.before, before) ? kept.now : null;
}

function keep<T>(key: string, before: T, now: T): void {
  if (same(before, now)) forget(key);
  else remember(key, { before, now });
}

/**
 * State that is kept as long as it is not what it was; the last of three takes it back, also where
 * the form has gone. `name` stays the same while it is shown.
 */
export function useKept<T>(name: string, before: T): [T, Dispatch<SetStateAction<T>>, () => void] {
  const key = useKey(name);
  const [now, setNow] = useState<T>(() => keptOf(key, before) ?? before);
  const written = JSON.stringify([before, now]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other words, not other objects.
  useEffect(() => keep(key, before, now), [key, written]);
  const clear = () => {
    forget(key);
    setNow(before);
  };
  return [now, setNow, clear];
}

/** The same for a form; gives it back. */
export function useKeptForm<T extends Record<string, unknown>>(
  name: string,
  form: UseFormReturnType<T>,
): UseFormReturnType<T> {
  const key = useKey(name);
  const before = form.getInitialValues();
  const [kept] = useState(() => keptOf(key, before));
  const [restored, setRestored] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, at first.
  useEffect(() => {
    if (kept) form.setValues(kept);
    setRestored(true);
  }, []);
  const written = JSON.stringify([before, form.values]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other words, not other objects.
  useEffect(() => {
    if (restored) keep(key, before, form.values);
  }, [key, written, restored]);
  return form;
}
