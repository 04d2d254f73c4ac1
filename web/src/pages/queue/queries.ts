/** The queue, and what can be done with those who wait in it. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { answer, api } from '../../api/client';
import { ApiError } from '../../api/errors';
import type { PendingHandoff } from '../../api/types';
import { failed, told } from '../../app/notify';
import { onResync, useFrames } from '../../live/live';
import { newKey } from '../../local';
import { queue } from './texts';
import type { Priority } from './waiting';

const KEY = ['handoffs', 'pending'] as const;
/** As many as are read at once. */
const ROWS_MAX = 100;

/** Who waits, kept up to date by what happens. */
export function useQueue() {
  const client = useQueryClient();
  const again = () => void client.invalidateQueries({ queryKey: KEY });
  useFrames(['handoff:new', 'handoff:assigned', 'handoff:completed'], again);
  useFrames(['conversation:granted', 'conversation:revoked', 'conversation:transferred'], again);
  useFrames(['conversation:updated'], ({ payload }) => {
    const { set } = payload as { set?: Record<string, unknown> };
    if (set && ('mode' in set || 'priority' in set || 'department_id' in set)) again();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` means the same every time.
  useEffect(() => onResync(again), [client]);
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/v1/handoffs/pending', { params: { query: { limit: ROWS_MAX } }, signal }),
      ),
    refetchInterval: 60_000,
  });
}

/** Gives somebody who waits to an attendant; without one, to the caller. */
export function useAssign(done: (row: PendingHandoff) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ row, to }: { row: PendingHandoff; to?: string }) =>
      answer(
        api.POST('/api/v1/handoffs/{id}/assign', {
          params: { path: { id: row.id }, header: { 'Idempotency-Key': newKey() } },
          body: to === undefined ? {} : { user_id: to },
        }),
      ),
    onSuccess: (_, { row }) => done(row),
    onError: tellRefusal,
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Moves somebody who waits within the queue. */
export function usePrioritise() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ row, priority }: { row: PendingHandoff; priority: Priority }) =>
      answer(
        api.POST('/api/v1/handoffs', {
          params: { header: { 'Idempotency-Key': newKey() } },
          body: {
            conversation_id: row.conversation_id,
            department_id: row.department_id ?? null,
            reason: row.reason ?? null,
            priority,
          },
        }),
      ),
    onSuccess: () => told(queue.say('changed')),
    onError: tellRefusal,
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** A lost race is nobody's fault. */
function tellRefusal(error: unknown): void {
  if (error instanceof ApiError && (error.status === 409 || error.status === 404)) {
    told(queue.say('tooLate'));
  } else {
    failed(error);
  }
}
