/** What is said later: messages that wait for their time. */

import { useInfiniteQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { components } from '../api/schema';
import { me } from '../api/session';
import { queries } from '../app/queries';
import type { NewMessage } from '../live/frames';
import { useFrames, usePoll } from '../live/live';
import type { Filled } from '../templates/form';
import { wire } from './outgoing';

export type Scheduled = components['schemas']['ScheduledView'];
/** Those that wait, and those that could not be sent. */
export type ScheduledState = 'scheduled' | 'failed';
/** A conversation's, or the caller's own. */
export type ScheduledOf = { conversation: string } | 'mine';

const KEY = ['scheduled'] as const;
const PAGE = 50;
/** A message may be sent as its colleague's page is open; milliseconds. */
const REFETCH = 60_000;
/** What colleagues plan is told by no frame; milliseconds. */
const SELDOM = 300_000;

/** They have changed. */
export const reloadScheduled = () => queries.invalidateQueries({ queryKey: KEY });

/** The soonest first. */
export function useScheduled(of: ScheduledOf, state: ScheduledState) {
  const attends = me().permissions.includes('conversation:attend');
  const query = useInfiniteQuery({
    queryKey: [...KEY, of, state],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = { state, limit: PAGE, cursor: pageParam };
      if (of === 'mine') {
        return answer(api.GET('/api/v1/scheduled-messages', { params: { query }, signal }));
      }
      const params = { path: { id: of.conversation }, query };
      return answer(api.GET('/api/v1/conversations/{id}/scheduled-messages', { params, signal }));
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: usePoll(REFETCH) || SELDOM,
    enabled: attends,
  });
  const rows: Scheduled[] = query.data?.pages.flatMap(({ data }) => data) ?? [];
  useFrames(['message:new', 'notification:new'], ({ event, payload }) => {
    if (event === 'notification:new') {
      void reloadScheduled();
      return;
    }
    const { conversation_id, direction } = payload as NewMessage;
    const due = rows.some(
      (one) => one.conversation_id === conversation_id && isDue(one, Date.now()),
    );
    if (direction === 'outbound' && due) void reloadScheduled();
  });
  return { ...query, rows };
}

/** Clocks differ by as much; milliseconds. */
const SLACK = 30_000;

const isDue = ({ send_at }: Scheduled, now: number) => Date.parse(send_at) <= now + SLACK;

/** What is to be said: words, or a template. */
export type Later = { text: string; replyTo: string | null } | { template: Filled };

type Message = components['schemas']['SendMessage'];

function messageOf(later: Later): Message {
  if ('template' in later) return { type: 'template', template: wire(later.template) };
  const { text, replyTo } = later;
  const preview_url = /https?:\/\//.test(text);
  return { type: 'text', body: text, preview_url, reply_to: replyTo ?? undefined };
}

/** With the same key it is kept once, however often it is asked. */
export async function schedule(
  conversation: string,
  at: Date,
  later: Later,
  key: string,
): Promise<void> {
  const params = { path: { id: conversation }, header: { 'Idempotency-Key': key } };
  const body = { send_at: at.toISOString(), message: messageOf(later) };
  await answer(api.POST('/api/v1/conversations/{id}/scheduled-messages', { params, body }));
  await reloadScheduled();
}

/** What changes of one. What is `null` stays. */
export async function reschedule(
  { id, reply_to }: Scheduled,
  at: Date | null,
  text: string | null,
): Promise<void> {
  const message = text === null ? undefined : messageOf({ text, replyTo: reply_to ?? null });
  const body = { send_at: at?.toISOString(), message };
  try {
    await answer(api.PATCH('/api/v1/scheduled-messages/{id}', { params: { path: { id } }, body }));
  } finally {
    await reloadScheduled();
  }
}

export async function cancelScheduled(id: string): Promise<void> {
  try {
    await answer(api.DELETE('/api/v1/scheduled-messages/{id}', { params: { path: { id } } }));
  } finally {
    await reloadScheduled();
  }
}
