/** The templates of the tenant's WhatsApp accounts. */

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client';

/** Templates change seldom; milliseconds. */
const STEADY = 60_000;
const PAGE = 50;

export const APPROVED = 'APPROVED';

export interface Wanted {
  /** `null` is any number. */
  channel: string | null;
  /** `null` is any state. */
  status: string | null;
  /** Part of the name. */
  q: string;
}

export const templatesKey = ['templates'] as const;

export function useTemplates(wanted: Wanted, enabled = true) {
  const { channel, status, q } = wanted;
  const query = useInfiniteQuery({
    queryKey: [...templatesKey, wanted],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = {
        channel: channel ?? undefined,
        status: status ?? undefined,
        q: q || undefined,
        cursor: pageParam,
        limit: PAGE,
      };
      return answer(api.GET('/api/v1/templates', { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: STEADY,
    enabled,
  });
  return { ...query, rows: query.data?.pages.flatMap(({ data }) => data) ?? [] };
}
