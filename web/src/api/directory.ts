/** Who and what there is in a tenant, as several pages ask for it: people, departments, channels. */

import { type InfiniteData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api } from './client';
import type { Channel, Department, OnlineUser, Page, User } from './types';

/** Names change seldom; milliseconds. */
const STEADY = 60_000;

export const directoryKeys = {
  departments: ['departments'],
  channels: ['channels'],
  people: ['users', 'all'],
  online: ['users', 'online'],
  colleagues: ['users', 'names'],
} as const;

/** The tenant's departments, in their order. */
export function useDepartments() {
  return useQuery({
    queryKey: directoryKeys.departments,
    queryFn: async ({ signal }): Promise<Department[]> =>
      (await answer(api.GET('/api/v1/departments', { signal }))).data,
    staleTime: STEADY,
  });
}

/** Every number of the tenant, those switched off too; for administrators. */
export function useEveryChannel(enabled = true) {
  return useQuery({
    queryKey: directoryKeys.channels,
    queryFn: async ({ signal }): Promise<Channel[]> =>
      (await answer(api.GET('/api/v1/channels', { signal }))).data,
    staleTime: STEADY,
    enabled,
  });
}

/** Everybody of the tenant who is active; for supervisors and above. */
export function usePeople(enabled = true) {
  return useQuery({
    queryKey: directoryKeys.people,
    queryFn: ({ signal }) => everybody(signal),
    staleTime: STEADY,
    enabled,
  });
}

/** Who has a page open now. */
export function useOnline() {
  return useQuery({
    queryKey: directoryKeys.online,
    queryFn: async ({ signal }): Promise<OnlineUser[]> =>
      (await answer(api.GET('/api/v1/users/online', { signal }))).data,
  });
}

/** Everybody of the tenant who is active, by name, with who is there now; for those who serve. */
export function useColleagues(enabled = true) {
  return useQuery({
    queryKey: directoryKeys.colleagues,
    queryFn: ({ signal }) =>
      allPages((query) => answer(api.GET('/api/v1/users/names', { params: { query }, signal }))),
    staleTime: STEADY,
    enabled,
  });
}

/** The most pages of people that are read at once: 1,000 names are more than a list can show. */
const PAGES_MAX = 10;

function everybody(signal: AbortSignal): Promise<User[]> {
  return allPages((page) => {
    const query = { is_active: true, ...page };
    return answer(api.GET('/api/v1/users', { params: { query }, signal }));
  });
}

async function allPages<T>(
  load: (page: { limit: number; cursor: string | undefined }) => Promise<Page<T>>,
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { data, next_cursor } = await load({ limit: 100, cursor });
    rows.push(...data);
    if (!next_cursor) break;
    cursor = next_cursor;
  }
  return rows;
}

/** A list that is read page by page, as rows. */
export function usePages<T>(
  queryKey: readonly unknown[],
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  options: { refetchInterval?: number; enabled?: boolean } = {},
) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Page<T>) => last.next_cursor ?? undefined,
    ...options,
  });
}

/** All rows that were read so far. */
export function rowsOf<T>(data: InfiniteData<Page<T>> | undefined): T[] {
  return data?.pages.flatMap((page) => page.data) ?? [];
}
