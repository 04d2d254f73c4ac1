/** Conversations, messages and people as they are loaded and kept. */

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answer, api } from '../api/client';
import { ApiError } from '../api/errors';
import type { Conversation, Message } from '../api/types';
import { queries } from '../app/queries';
import { usePoll } from '../live/live';
import { asked, type ListKey } from './filters';
import { learnNames } from './names';
import { recorded } from './recorder';

/** Who was heard of stays known for a while, so that not each of their messages has them loaded. */
queries.setQueryDefaults(['conversation'], { gcTime: 60 * 60_000 });

export const keys = {
  lists: ['conversations'] as const,
  list: (list: ListKey) => ['conversations', list] as const,
  conversation: (id: string) => ['conversation', id] as const,
  messages: (id: string) => ['messages', id] as const,
  transfers: (id: string) => ['transfers', id] as const,
  online: ['users', 'online'] as const,
  departments: ['departments'] as const,
};

const LIST_PAGE = 50;
const MESSAGE_PAGE = 50;
/** Of older messages, which somebody scrolls to or looks for. */
const OLDER_PAGE = 100;
/** Without frames, what is before somebody's eyes comes again so often; milliseconds. */
const REFETCH = 30_000;

export function useConversations(list: ListKey, enabled = true) {
  const query = useInfiniteQuery({
    queryKey: keys.list(list),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      recorded(async () => {
        const query = { ...asked(list), limit: LIST_PAGE, cursor: pageParam ?? undefined };
        const page = await answer(api.GET('/api/v1/conversations', { params: { query }, signal }));
        learnNames(page.data);
        return page;
      }),
    getNextPageParam: (page) => page.next_cursor ?? null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    structuralSharing: false,
    enabled,
  });
  const rows = useMemo(() => flat(query.data?.pages), [query.data]);
  return { ...query, rows };
}

/** All rows once: one that moved may come again with a later page. */
function flat(pages: { data: Conversation[] }[] | undefined): Conversation[] {
  const seen = new Set<string>();
  return (pages ?? []).flatMap(({ data }) =>
    data.filter(({ id }) => !seen.has(id) && Boolean(seen.add(id))),
  );
}

export async function fetchConversation(id: string, signal?: AbortSignal): Promise<Conversation> {
  return recorded(async () => {
    const path = { id };
    const found = await answer(api.GET('/api/v1/conversations/{id}', { params: { path }, signal }));
    learnNames([found]);
    return found;
  });
}

export function useConversation(id: string) {
  return useQuery<Conversation>({
    queryKey: keys.conversation(id),
    queryFn: ({ signal }) => fetchConversation(id, signal),
    refetchInterval: usePoll(REFETCH),
    // The list knows it already: nothing flickers.
    placeholderData: (): Conversation | undefined => known(id),
  });
}

/** The caller may see it no more, whatever was loaded before. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 403);
}

/** A conversation as it is here, wherever it was loaded. */
export function known(id: string): Conversation | undefined {
  const own = queries.getQueryState<Conversation>(keys.conversation(id));
  if (own?.data && !isGone(own.error)) return own.data;
  for (const [, loaded] of queries.getQueriesData<{ pages: { data: Conversation[] }[] }>({
    queryKey: keys.lists,
  })) {
    const found = loaded?.pages.flatMap(({ data }) => data).find((one) => one.id === id);
    if (found) return found;
  }
  return undefined;
}

export function useMessages(id: string) {
  const query = useInfiniteQuery({
    queryKey: keys.messages(id),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      recorded(async () => {
        const path = { id };
        const limit = pageParam === null ? MESSAGE_PAGE : OLDER_PAGE;
        const query = { limit, cursor: pageParam ?? undefined };
        return answer(
          api.GET('/api/v1/conversations/{id}/messages', { params: { path, query }, signal }),
        );
      }),
    getNextPageParam: (page) => page.next_cursor ?? null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 5 * 60_000,
    structuralSharing: false,
  });
  /** Oldest first. */
  const messages = useMemo<Message[]>(() => {
    const all = (query.data?.pages ?? []).flatMap(({ data }) => data);
    return all.reverse();
  }, [query.data]);
  return { ...query, messages };
}

export function useTransfers(id: string) {
  return useQuery({
    queryKey: keys.transfers(id),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/conversations/{id}/transfers', { params: { path: { id } }, signal })),
  });
}

/** Colleagues with the dashboard open. */
export function useOnline() {
  return useQuery({
    queryKey: keys.online,
    queryFn: async ({ signal }) => {
      const { data } = await answer(api.GET('/api/v1/users/online', { signal }));
      learnNames([], data);
      return data;
    },
  });
}

export function useDepartments() {
  return useQuery({
    queryKey: keys.departments,
    queryFn: async ({ signal }) => {
      const { data } = await answer(api.GET('/api/v1/departments', { signal }));
      learnNames([], data);
      return data;
    },
    staleTime: 5 * 60_000,
  });
}
