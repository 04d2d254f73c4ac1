/** Several conversations that something is to be done with. */

export interface Selection {
  ids: ReadonlySet<string>;
  /** Where a range begins. */
  anchor: string | null;
}

export const NOTHING: Selection = { ids: new Set(), anchor: null };

/** As many as the server takes at once. */
export const MOST_SELECTED = 100;

export function toggled({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id) && next.size < MOST_SELECTED) next.add(id);
  return { ids: next, anchor: id };
}

/** All from the anchor to this one, besides what is selected. */
export function extended(now: Selection, id: string, order: readonly string[]): Selection {
  const [a, b] = [order.indexOf(now.anchor ?? id), order.indexOf(id)];
  if (b < 0) return now;
  if (a < 0) return toggled(now, id);
  const ids = new Set(now.ids);
  for (const one of order.slice(Math.min(a, b), Math.max(a, b) + 1)) {
    if (ids.size < MOST_SELECTED) ids.add(one);
  }
  return { ids, anchor: now.anchor ?? id };
}

/** Only what is still there. */
export function among(now: Selection, order: readonly string[]): string[] {
  return order.filter((id) => now.ids.has(id));
}
