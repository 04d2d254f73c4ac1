/** The inbox's lists: what the server is asked, and what belongs into which. */

import type { Conversation } from '../api/types';

/** Those that are looked at all day. */
export const TABS = ['mine', 'waiting', 'bot', 'human', 'all'] as const;
/** Those behind them. */
export const MORE = ['unassigned', 'snoozed', 'closed', 'archived'] as const;
export const FILTERS = [...TABS, ...MORE] as const;
export type Filter = (typeof FILTERS)[number];

export const PRIORITIES = ['urgent', 'high', 'medium', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What a list is narrowed to; `null` is anything. */
export interface Narrowed {
  label: string | null;
  department: string | null;
  channel: string | null;
  priority: Priority | null;
  unread: boolean;
}

/** One list of conversations. */
export interface ListKey extends Narrowed {
  filter: Filter;
  /** Words to look for; two characters at least, else none. */
  q: string;
}

export const NOT_NARROWED: Narrowed = {
  label: null,
  department: null,
  channel: null,
  priority: null,
  unread: false,
};

/** The list as it is, not narrowed to anything. */
export function whole(filter: Filter): ListKey {
  return { filter, q: '', ...NOT_NARROWED };
}

interface Asked {
  assignee?: string;
  mode?: 'bot' | 'waiting' | 'human' | 'closed';
  status?: 'active' | 'archived';
  snoozed?: boolean;
  label?: string;
  department?: string;
  channel?: string;
  priority?: Priority;
  unread?: boolean;
  q?: string;
}

/** What is out of the way stands in a list of its own; only customers who wait cannot be put off. */
const ASKED: Record<Filter, Asked> = {
  mine: { assignee: 'me', mode: 'human', snoozed: false },
  waiting: { mode: 'waiting' },
  bot: { mode: 'bot', snoozed: false },
  human: { mode: 'human', snoozed: false },
  all: {},
  unassigned: { assignee: 'none', status: 'active', snoozed: false },
  snoozed: { snoozed: true },
  closed: { mode: 'closed' },
  archived: { status: 'archived' },
};

export function asked({ filter, q, label, department, channel, priority, unread }: ListKey): Asked {
  return {
    ...ASKED[filter],
    ...(label && { label }),
    ...(department && { department }),
    ...(channel && { channel }),
    ...(priority && { priority }),
    ...(unread && { unread }),
    ...(q && { q }),
  };
}

/** Whether the conversation belongs into a list without words to look for. */
export function belongs(list: ListKey, conversation: Conversation, me: string): boolean {
  return inFilter(ASKED[list.filter], conversation, me) && inNarrowed(list, conversation);
}

/** What a frame says of a conversation that is not known here. */
export interface Hint {
  /** The fields that have new values. */
  set: Record<string, unknown>;
  /** Labels that it has from now on. */
  labels: readonly string[];
  /** Something in it is unread from now on. */
  unread: boolean;
  /** It has a newer message: it stands above those without. */
  rises: boolean;
}

/** Fields by which a conversation comes into a list. */
const DECIDING = [
  'mode',
  'status',
  'assigned_user_id',
  'snoozed_until',
  'department_id',
  'priority',
];

/**
 * Whether a conversation that a list does not have may stand there from now on. Those that belong
 * into a list that is `complete` here are known, but for what the frame changes.
 */
export function mayBelong(list: ListKey, complete: boolean, hint: Hint, me: string): boolean {
  // What words find, only the server knows.
  if (list.q) return false;
  const { set, labels, unread, rises } = hint;
  const other = (field: string, wanted: unknown) => field in set && set[field] !== wanted;
  const asked = ASKED[list.filter];
  if (asked.mode && other('mode', asked.mode)) return false;
  if (asked.assignee === 'me' && other('assigned_user_id', me)) return false;
  if (asked.assignee === 'none' && other('assigned_user_id', null)) return false;
  if (asked.status === 'archived' && other('status', 'archived')) return false;
  if (list.department && other('department_id', list.department)) return false;
  if (list.priority && other('priority', list.priority)) return false;
  if ((rises && !complete) || DECIDING.some((field) => field in set)) return true;
  return (list.unread && unread) || (list.label !== null && labels.includes(list.label));
}

function inFilter(asked: Asked, conversation: Conversation, me: string): boolean {
  const { mode, assigned_user: owner } = conversation;
  const archived = conversation.status === 'archived';
  if ((asked.status === 'archived') !== archived) return false;
  if (asked.status === 'active' && mode === 'closed') return false;
  if (asked.mode !== undefined && mode !== asked.mode) return false;
  const snoozed = conversation.snoozed_until != null;
  if (asked.snoozed !== undefined && snoozed !== asked.snoozed) return false;
  if (asked.assignee === 'none') return owner == null;
  return asked.assignee !== 'me' || owner?.id === me;
}

function inNarrowed(list: Narrowed, conversation: Conversation): boolean {
  const { label, department, channel, priority, unread } = list;
  if (label && !conversation.labels.some(({ id }) => id === label)) return false;
  if (department && conversation.department?.id !== department) return false;
  if (channel && conversation.channel_id !== channel) return false;
  if (priority && conversation.priority !== priority) return false;
  return !unread || conversation.unread_count > 0;
}
