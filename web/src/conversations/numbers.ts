/** The tenant's numbers that a conversation can be started from. */

import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { components } from '../api/schema';

export type OwnNumber = components['schemas']['ChannelName'];

export function useNumbers() {
  return useQuery({
    queryKey: ['channels', 'names'],
    queryFn: async ({ signal }) =>
      (await answer(api.GET('/api/v1/channels/names', { signal }))).data,
    staleTime: 5 * 60_000,
  });
}
