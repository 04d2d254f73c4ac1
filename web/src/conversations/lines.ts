/** The queues as a whole: how many wait, whether they are open, and who is there to serve them. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { answer, api } from '../api/client';
import type { components } from '../api/schema';
import { onResync, useFrames } from '../live/live';

export type QueueLine = components['schemas']['QueueLine'];
export type Server = components['schemas']['ServerView'];

const KEY = ['queue', 'lines'] as const;
/** A burst of events is one reading; milliseconds. */
const GATHER = 800;
/** Estimates and opening hours move by themselves; milliseconds. */
const REFETCH = 60_000;

/** Calls `again` soon after the queues or their people moved. */
export function useQueueMoves(again: () => void): void {
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef(again);
  latest.current = again;
  const soon = () => {
    waiting.current ??= setTimeout(() => {
      waiting.current = null;
      latest.current();
    }, GATHER);
  };
  useEffect(() => onResync(() => latest.current()), []);
  useEffect(
    () => () => {
      if (waiting.current !== null) clearTimeout(waiting.current);
    },
    [],
  );
  useFrames(['handoff:new', 'handoff:assigned', 'handoff:completed'], soon);
  useFrames(['handoff:offered', 'handoff:offer_ended', 'user:availability'], soon);
  useFrames(['user:online', 'user:offline', 'users:changed', 'directory:changed'], soon);
  useFrames(['conversation:transferred'], soon);
  useFrames(['conversation:updated'], ({ payload }) => {
    const { set } = payload as { set?: Record<string, unknown> };
    if (set && ['mode', 'assigned_user_id', 'department_id'].some((name) => name in set)) soon();
  });
}

export function useLines() {
  const client = useQueryClient();
  useQueueMoves(() => void client.invalidateQueries({ queryKey: KEY }, { cancelRefetch: false }));
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/queue', { signal }))).data,
    refetchInterval: REFETCH,
  });
}

/** Whoever serves any of the queues, once; the busiest first. */
export function serversOf(lines: readonly QueueLine[]): Server[] {
  const all = new Map(lines.flatMap(({ people }) => people).map((one) => [one.user_id, one]));
  return [...all.values()].sort(
    (one, other) =>
      Number(other.online) - Number(one.online) ||
      other.load - one.load ||
      one.full_name.localeCompare(other.full_name),
  );
}

/** Of whom a queue could ask somebody now. */
export function readyIn(people: readonly Server[]): number {
  return people.filter(
    ({ online, availability, load, capacity }) =>
      online && availability === 'available' && load < capacity,
  ).length;
}
