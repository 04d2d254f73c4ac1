/** Words looked for in messages, however old they are. */

import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answer, api } from '../api/client';
import type { Hit } from '../api/types';
import type { Narrowed } from './filters';

export const WRITERS = ['customer', 'attendant', 'bot', 'phone'] as const;
export type Writer = (typeof WRITERS)[number];

/** How far back, in days. */
export const SPANS = [7, 30, 365] as const;
export type Span = (typeof SPANS)[number];

/** Which messages; `null` is any. */
export interface Among {
  writer: Writer | null;
  span: Span | null;
  /** Only in conversations that one leads oneself. */
  mine: boolean;
}

export const AMONG_ALL: Among = { writer: null, span: null, mine: false };

const PAGE = 30;
const DAY = 86_400_000;

/** Messages that hold all of the words; of none, none. */
export function useHits(
  q: string,
  { department, channel }: Pick<Narrowed, 'department' | 'channel'>,
  { writer, span, mine }: Among,
) {
  const query = useInfiniteQuery({
    queryKey: ['search', q, department, channel, writer, span, mine],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = {
        q,
        department: department ?? undefined,
        channel: channel ?? undefined,
        assignee: mine ? 'me' : undefined,
        sender: writer ?? undefined,
        from: span ? new Date(Date.now() - span * DAY).toISOString() : undefined,
        limit: PAGE,
        cursor: pageParam ?? undefined,
      };
      return answer(api.GET('/api/v1/search/messages', { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor ?? null,
    enabled: q !== '',
    gcTime: 60_000,
  });
  const hits = useMemo<Hit[]>(
    () => (query.data?.pages ?? []).flatMap(({ data }) => data),
    [query.data],
  );
  return { ...query, hits };
}
