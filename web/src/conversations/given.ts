/** Conversations that somebody else gives to the caller, by a transfer or as their supervisor. */

import { answer, api } from '../api/client';
import { me } from '../api/session';
import type { ConversationUpdate, EventFrame } from '../live/frames';
import { nameOf } from './names';
import { fetchConversation, known } from './queries';

export interface Given {
  /** The last of them. */
  conversation: string;
  /** How many at once. */
  count: number;
  /** Who gave it. */
  by: string | null;
  customer: string | null;
  /** What they say about it. */
  why: string | null;
}

/** What comes closer together is told as one; milliseconds. */
const TOGETHER = 500;

/** Watches frames for them; `tell` is called with each, or with several at once. */
export function watchGiven(tell: (given: Given) => void): (frame: EventFrame) => void {
  let count = 0;
  let soon: ReturnType<typeof setTimeout> | undefined;
  return ({ event, payload }) => {
    if (event !== 'conversation:updated') return;
    const { conversation_id, set, by_user_id } = payload as ConversationUpdate;
    if (set.assigned_user_id !== me().id || by_user_id === me().id) return;
    count += 1;
    clearTimeout(soon);
    soon = setTimeout(() => {
      const now = count;
      count = 0;
      void lookUp(conversation_id, now).then((given) => given && tell(given));
    }, TOGETHER);
  };
}

/** `null` if the caller took it: where nobody had it before, the frame does not say who acted. */
async function lookUp(conversation: string, count: number): Promise<Given | null> {
  const path = { id: conversation };
  try {
    const user = me().id;
    const { data } = await answer(
      api.GET('/api/v1/conversations/{id}/transfers', { params: { path } }),
    );
    const last = data.find(({ to_user_id }) => to_user_id === user);
    if (!last || last.by_user_id === user) return null;
    const found = known(conversation) ?? (await fetchConversation(conversation));
    return {
      conversation,
      count,
      by: last.by_user_id ? nameOf(last.by_user_id) : null,
      customer: found.customer.name ?? null,
      why: last.reason ?? null,
    };
  } catch {
    // Gone again already, or the server is away: the list says so.
    return null;
  }
}
