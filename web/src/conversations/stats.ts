/** How many conversations there are in each list. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { answer, api } from '../api/client';
import type { components } from '../api/schema';
import { onFrame } from '../live/live';
import type { Filter } from './filters';

export type Stats = components['schemas']['ConversationStats'];

const KEY = ['conversation-stats'] as const;
/** Much happens at once: the numbers come again at most this often; milliseconds. */
const APART = 1_500;
const CHANGES = new Set([
  'message:new',
  'conversation:updated',
  'conversation:granted',
  'conversation:revoked',
  'conversation:transferred',
]);

export function useStats() {
  const client = useQueryClient();
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const stop = onFrame(({ event }) => {
      if (!CHANGES.has(event)) return;
      soon ??= setTimeout(() => {
        soon = undefined;
        void client.invalidateQueries({ queryKey: KEY });
      }, APART);
    });
    return () => {
      clearTimeout(soon);
      stop();
    };
  }, [client]);
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/conversations/stats', { signal })),
    refetchInterval: 60_000,
  });
}

/** Of what has ended, nobody counts. */
export function countOf(stats: Stats | undefined, filter: Filter): number {
  if (!stats) return 0;
  const { modes } = stats;
  const counts: Partial<Record<Filter, number>> = {
    mine: stats.mine,
    waiting: modes.waiting,
    bot: modes.bot,
    human: modes.human,
    unassigned: stats.unassigned,
    snoozed: stats.snoozed,
  };
  return counts[filter] ?? 0;
}
