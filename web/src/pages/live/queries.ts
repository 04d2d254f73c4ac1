/** The attendance as it is now. */

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { answer, api } from '../../api/client';
import { directoryKeys } from '../../api/directory';
import type { Conversation } from '../../api/types';
import { onResync, useFrames } from '../../live/live';

type Mode = 'bot' | 'waiting' | 'human';

const PAGE = 100;
/** The most conversations of a mode that are counted: 500; of more it is said that there are. */
const PAGES_MAX = 5;

export interface Counted {
  rows: Conversation[];
  /** There are more than were read. */
  more: boolean;
}

/** The conversations in a mode, newest message first. */
export function useConversationsIn(mode: Mode) {
  return useQuery({
    queryKey: ['live', 'conversations', mode],
    queryFn: ({ signal }) => readAll(mode, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}

async function readAll(mode: Mode, signal: AbortSignal): Promise<Counted> {
  const rows: Conversation[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query = { mode, limit: PAGE, cursor };
    const read = await answer(api.GET('/api/v1/conversations', { params: { query }, signal }));
    rows.push(...read.data);
    if (!read.next_cursor) return { rows, more: false };
    cursor = read.next_cursor;
  }
  return { rows, more: true };
}

export function useWaiting() {
  return useQuery({
    queryKey: ['live', 'queue'],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/handoffs/pending', { params: { query: { limit: 50 } }, signal })),
    refetchInterval: 30_000,
  });
}

/** Reads anew soon after something moved; a burst of events is one reading. */
const GATHER = 800;

export function useKeptUpToDate(): void {
  const client = useQueryClient();
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  const again = useRef(() => {
    waiting.current ??= setTimeout(() => {
      waiting.current = null;
      void client.invalidateQueries({ queryKey: ['live'] });
    }, GATHER);
  });
  useEffect(() => onResync(() => again.current()), []);
  useEffect(
    () => () => {
      if (waiting.current !== null) clearTimeout(waiting.current);
    },
    [],
  );
  useFrames(
    [
      'handoff:new',
      'handoff:assigned',
      'handoff:completed',
      'conversation:updated',
      'conversation:transferred',
    ],
    () => again.current(),
  );
  useFrames(['user:online', 'user:offline', 'users:changed'], () => {
    void client.invalidateQueries({ queryKey: directoryKeys.online });
  });
}
