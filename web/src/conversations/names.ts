/** Names of people and departments that were seen; frames tell only ids. */

import type { Conversation } from '../api/types';

const names = new Map<string, string>();

interface HasName {
  id: string;
  name?: string | null;
  full_name?: string;
}

export function learnNames(conversations: Conversation[], others: HasName[] = []): void {
  for (const { assigned_user, department } of conversations) {
    for (const one of [assigned_user, department]) if (one?.name) names.set(one.id, one.name);
  }
  for (const { id, name, full_name } of others) {
    const known = full_name ?? name;
    if (known) names.set(id, known);
  }
}

export function nameOf(id: string): string | null {
  return names.get(id) ?? null;
}
