/** The inbox's lists: what the server is asked, and what belongs into which. */

import type { Conversation } from '../api/types';

export const FILTERS = ['mine', 'waiting', 'bot', 'human', 'closed', 'all'] as const;
export type Filter = (typeof FILTERS)[number];

/** One list of conversations. */
export interface ListKey {
  filter: Filter;
  /** Words to look for; two characters at least, else none. */
  q: string;
}

interface Asked {
  assignee?: string;
  mode?: 'bot' | 'waiting' | 'human' | 'closed';
  q?: string;
}

const ASKED: Record<Filter, Asked> = {
  mine: { assignee: 'me', mode: 'human' },
  waiting: { mode: 'waiting' },
  bot: { mode: 'bot' },
  human: { mode: 'human' },
  closed: { mode: 'closed' },
  all: {},
};

export function asked({ filter, q }: ListKey): Asked {
  return q ? { ...ASKED[filter], q } : ASKED[filter];
}

/** Whether the conversation belongs into a list without words to look for. */
export function belongs(filter: Filter, conversation: Conversation, me: string): boolean {
  const { assignee, mode } = ASKED[filter];
  if (mode !== undefined && conversation.mode !== mode) return false;
  return assignee !== 'me' || conversation.assigned_user?.id === me;
}
