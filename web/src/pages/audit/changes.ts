/** What an entry says has changed, field by field. */

export interface Change {
  field: string;
  before: unknown;
  after: unknown;
}

type Fields = Record<string, unknown> | null | undefined;

/** Below this depth a value is shown whole. */
const DEPTH = 2;

/** The fields of both sides that differ, those of nested objects as `hours.active`. */
export function changesOf(before: Fields, after: Fields): Change[] {
  return compared(before ?? {}, after ?? {}, '', 0);
}

function compared(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  path: string,
  depth: number,
): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): Change[] => {
    const field = path ? `${path}.${name}` : name;
    const [was, is] = [before[name], after[name]];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    if (depth < DEPTH && isObject(was) && isObject(is)) {
      return compared(was, is, field, depth + 1);
    }
    return [{ field, before: was, after: is }];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as people read it; ids by the names that are known. */
export function shown(
  value: unknown,
  names: ReadonlyMap<string, string>,
  words: { yes: string; no: string; nothing: string },
): string {
  if (value === null || value === undefined || value === '') return words.nothing;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (Array.isArray(value)) {
    if (value.length === 0) return words.nothing;
    return value.map((one) => shown(one, names, words)).join(', ');
  }
  if (typeof value === 'object') return JSON.stringify(value);
  return names.get(String(value)) ?? String(value);
}
