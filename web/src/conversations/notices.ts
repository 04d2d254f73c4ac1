/** What the caller was told of: mentions, and whatever else comes. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { components } from '../api/schema';
import { failed } from '../app/notify';
import { useFrames, usePoll } from '../live/live';
import { learnNames } from './names';

export type Notice = components['schemas']['Page_NotificationView']['data'][number];

const KEY = ['notifications'] as const;
/** As many as are shown. */
const MOST = 50;

export function useNotices() {
  const client = useQueryClient();
  useFrames(['notification:new'], () => void client.invalidateQueries({ queryKey: KEY }));
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => {
      const query = { limit: MOST };
      const page = await answer(api.GET('/api/v1/notifications', { params: { query }, signal }));
      learnNames(
        [],
        page.data.flatMap(({ by_user }) => by_user ?? []),
      );
      return page;
    },
    refetchInterval: usePoll(120_000),
  });
}

/** Marks some as read; all of them without ids. */
export function useReadNotices() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids?: string[]) =>
      answer(api.POST('/api/v1/notifications/read', { body: ids ? { ids } : {} })),
    onError: (error) => failed(error),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
