/** The attendance as it is now. */

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { useQueueMoves } from '../../conversations/lines';

/** As many as are read of those that people lead. */
const LED_MAX = 100;

/** Conversations that people lead, newest message first. */
export function useLed() {
  return useQuery({
    queryKey: ['live', 'led'],
    queryFn: ({ signal }) => {
      const query = { mode: 'human' as const, limit: LED_MAX };
      return answer(api.GET('/api/v1/conversations', { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}

export function useWaiting() {
  return useQuery({
    queryKey: ['live', 'queue'],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/handoffs/pending', { params: { query: { limit: 50 } }, signal })),
    refetchInterval: 30_000,
  });
}

export function useKeptUpToDate(): void {
  const client = useQueryClient();
  useQueueMoves(() => {
    // A reading under way is let come to its end: else a busy tenant's never would.
    void client.invalidateQueries({ queryKey: ['live'] }, { cancelRefetch: false });
  });
}
