/** The queue, and what can be done with those who wait in it. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { answer, api } from '../../api/client';
import { ApiError, wordsOf } from '../../api/errors';
import type { PendingHandoff } from '../../api/types';
import { failed, told } from '../../app/notify';
import { newOwner } from '../../conversations/owner';
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
  useFrames(['handoff:offered', 'handoff:offer_ended'], again);
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
    onError: (error, { row }) => tellRefusal(error, row),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Answers an offer that was made to the caller. */
export function useAnswer(taken: (row: PendingHandoff) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ row, takes }: { row: PendingHandoff; takes: boolean }) => {
      const params = { path: { id: row.id }, header: { 'Idempotency-Key': newKey() } };
      return takes
        ? answer(api.POST('/api/v1/handoffs/{id}/accept', { params }))
        : answer(api.POST('/api/v1/handoffs/{id}/reject', { params }));
    },
    onSuccess: (_, { row, takes }) => {
      if (takes) taken(row);
    },
    onError: (error, { row }) => tellRefusal(error, row),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Has the bot go on with somebody who waits. */
export function useReturn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (row: PendingHandoff) =>
      answer(
        api.POST('/api/v1/conversations/{id}/return-to-bot', {
          params: {
            path: { id: row.conversation_id },
            header: { 'Idempotency-Key': newKey() },
          },
        }),
      ),
    onSuccess: () => told(queue.say('returned')),
    onError: (error, row) => tellRefusal(error, row),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Moves somebody who waits within the queue. */
export function usePrioritise() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ row, priority }: { row: PendingHandoff; priority: Priority }) =>
      answer(
        api.PUT('/api/v1/conversations/{id}/priority', {
          params: { path: { id: row.conversation_id } },
          body: { priority },
        }),
      ),
    onSuccess: () => told(queue.say('changed')),
    onError: (error, { row }) => tellRefusal(error, row),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** What says that the request is in other hands by now. */
const GONE = ['not_waiting', 'assigned_to_another', 'already_closed', 'already_with_bot'];

/** A lost race is nobody's fault, and what stands in the way is said calmly. */
async function tellRefusal(error: unknown, { conversation_id: id }: PendingHandoff): Promise<void> {
  if (error instanceof ApiError && (error.status === 404 || GONE.includes(error.code))) {
    const name = await newOwner(error, id);
    told(name ? queue.say('tooLateFor', { name }) : queue.say('tooLate'));
  } else if (error instanceof ApiError && error.status === 409) {
    told(wordsOf(error));
  } else {
    failed(error);
  }
}
