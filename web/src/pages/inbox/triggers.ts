/** What is being written right before the caret: the start of a canned reply, or of a name. */

export interface Trigger {
  kind: 'canned' | 'mention';
  /** What follows the sign. */
  word: string;
  /** From the sign to the caret. */
  from: number;
  to: number;
}

const CANNED = /(?:^|\s)\/([\p{L}\p{N}_.-]{0,40})$/u;
const MENTION = /(?:^|\s)@([\p{L}\p{N}_.-]{0,40})$/u;

/** Names are for notes: customers would read them. */
export function triggerAt(text: string, caret: number, note: boolean): Trigger | null {
  const before = text.slice(0, caret);
  const canned = CANNED.exec(before);
  const mention = note ? MENTION.exec(before) : null;
  const word = canned?.[1] ?? mention?.[1];
  if (word === undefined) return null;
  return { kind: canned ? 'canned' : 'mention', word, from: caret - word.length - 1, to: caret };
}

/**
 * The text with something else in the trigger's place, and where the caret is then. What was
 * picked may come late: where the trigger has gone by then, it comes in at the caret.
 */
export function replaced(
  text: string,
  { kind, word, from, to }: Trigger,
  by: string,
  caret: number,
): [string, number] {
  const sign = kind === 'canned' ? '/' : '@';
  if (text.slice(from, to) !== sign + word) {
    return [text.slice(0, caret) + by + text.slice(caret), caret + by.length];
  }
  const next = text.slice(0, from) + by + text.slice(to);
  return [next, caret < to ? from + by.length : caret + by.length - (to - from)];
}

/** Letters without case and accents. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** People one of whose names begins with the word. */
export function named<T extends { full_name: string }>(people: readonly T[], word: string): T[] {
  const wanted = fold(word);
  return people.filter(({ full_name }) => {
    const name = fold(full_name);
    return name.startsWith(wanted) || name.split(/\s+/).some((part) => part.startsWith(wanted));
  });
}

/** Ids of those whose name, as it was picked, still stands in the text. */
export function mentionedIn(
  text: string,
  picked: readonly { id: string; name: string }[],
): string[] {
  const ids = picked.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id);
  return [...new Set(ids)];
}
