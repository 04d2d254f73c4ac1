/** How many conversations there are in each list. */

import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { components } from '../api/schema';
import { queries } from '../app/queries';
import { onFrame, usePoll } from '../live/live';
import type { Filter } from './filters';

export type Stats = components['schemas']['ConversationStats'];

const KEY = ['conversation-stats'] as const;
/** What comes together is counted together; milliseconds. */
const SOON = 1_500;
/** Where much happens, they are counted anew at most this often; milliseconds. */
const APART = 20_000;
const CHANGES = new Set([
  'message:new',
  'conversation:updated',
  'conversation:granted',
  'conversation:revoked',
  'conversation:transferred',
]);

/** Has the numbers counted anew when something happened, while somebody looks. */
export function startStats(): () => void {
  let moved = false;
  let countedAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const count = () => {
    timer = undefined;
    if (document.visibilityState !== 'visible') return;
    moved = false;
    countedAt = Date.now();
    void queries.invalidateQueries({ queryKey: KEY });
  };
  const plan = () => {
    if (!moved || timer !== undefined || document.visibilityState !== 'visible') return;
    timer = setTimeout(count, Math.max(SOON, countedAt + APART - Date.now()));
  };
  const stop = onFrame(({ event }) => {
    if (!CHANGES.has(event)) return;
    moved = true;
    plan();
  });
  document.addEventListener('visibilitychange', plan);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', plan);
    stop();
  };
}

export function useStats(enabled = true) {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/conversations/stats', { signal })),
    refetchInterval: usePoll(60_000),
    enabled,
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
