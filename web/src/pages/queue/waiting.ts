/** What the queue is like, from the rows that wait. */

import type { PendingHandoff } from '../../api/types';

export const PRIORITIES = ['urgent', 'high', 'medium', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

export function priorityOf(row: PendingHandoff): Priority {
  return PRIORITIES.find((known) => known === row.priority) ?? 'medium';
}

/** Stands for rows without a department in filters. */
export const NO_DEPARTMENT = 'none';

export function departmentOf(row: PendingHandoff): string {
  return row.department_id ?? NO_DEPARTMENT;
}

/** Minutes after which a wait looks long, and after which too long. */
const LONG = 5;
const TOO_LONG = 10;

export function toneOf(waited: number): 'calm' | 'long' | 'late' {
  const minutes = waited / 60_000;
  if (minutes >= TOO_LONG) return 'late';
  return minutes >= LONG ? 'long' : 'calm';
}

export interface OpenOffer {
  userId: string;
  name: string;
  /** Seconds that are left to answer. */
  left: number;
}

/** Who is asked to take a request, while they may still answer. */
export function offerOf(row: PendingHandoff, now: number): OpenOffer | null {
  const { offered_user_id: userId, offered_user_name: name, offer_expires_at: until } = row;
  if (!userId || !until) return null;
  const left = Math.ceil((Date.parse(until) - now) / 1000);
  return left > 0 ? { userId, name: name ?? '', left } : null;
}
