/** Who leads a conversation by now, for whoever was too late. */

import { ApiError } from '../api/errors';
import { nameOf } from './names';
import { fetchConversation } from './queries';

/** Their name, where a refusal is one of a lost race and they can be known. */
export async function newOwner(error: unknown, conversation: string): Promise<string | null> {
  const { name, by } = error instanceof ApiError ? error.details : {};
  if (typeof name === 'string') return name;
  const known = typeof by === 'string' ? nameOf(by) : null;
  if (known) return known;
  // Most who have lost cannot see it any more.
  const now = await fetchConversation(conversation).catch(() => null);
  return now?.assigned_user?.name ?? null;
}
