/** What keeps a desk in order: labels, priority, out of the way for a while, archived, unread. */

import { notifications } from '@mantine/notifications';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema';
import { failed, told } from '../../app/notify';
import { settle } from '../../conversations/feed';
import type { Priority } from '../../conversations/filters';
import { fetchConversation } from '../../conversations/queries';
import { newKey } from '../../local';
import { inbox } from './texts';

const path = (id: string) => ({ params: { path: { id } } });

/** Does it, and shows what became of the conversation. */
async function carry(id: string, work: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await work();
    told(done);
    return true;
  } catch (error) {
    failed(error);
    return false;
  } finally {
    await fetchConversation(id).then(settle, () => undefined);
  }
}

export const setLabels = (id: string, labels: string[]) =>
  carry(
    id,
    () => answer(api.PUT('/api/v1/conversations/{id}/labels', { ...path(id), body: { labels } })),
    inbox.say('labelsSet'),
  );

export const setPriority = (id: string, priority: Priority) =>
  carry(
    id,
    () =>
      answer(api.PUT('/api/v1/conversations/{id}/priority', { ...path(id), body: { priority } })),
    inbox.say('prioritySet'),
  );

export const snooze = (id: string, until: Date) =>
  carry(
    id,
    () =>
      answer(
        api.POST('/api/v1/conversations/{id}/snooze', {
          ...path(id),
          body: { until: until.toISOString() },
        }),
      ),
    inbox.say('snoozeSet'),
  );

export const endSnooze = (id: string) =>
  carry(
    id,
    () => answer(api.DELETE('/api/v1/conversations/{id}/snooze', path(id))),
    inbox.say('snoozeEnded'),
  );

export const archive = (id: string) =>
  carry(
    id,
    () => answer(api.POST('/api/v1/conversations/{id}/archive', path(id))),
    inbox.say('archivedDone'),
  );

export const unarchive = (id: string) =>
  carry(
    id,
    () => answer(api.POST('/api/v1/conversations/{id}/unarchive', path(id))),
    inbox.say('unarchivedDone'),
  );

export const markUnread = (id: string) =>
  carry(
    id,
    () => answer(api.POST('/api/v1/conversations/{id}/unread', path(id))),
    inbox.say('unreadDone'),
  );

export type Bulk = Omit<components['schemas']['BulkBody'], 'ids'>;

/** One thing for several; gives the ids of those that refused. */
export async function bulk(ids: string[], what: Bulk): Promise<string[]> {
  try {
    const { results, done } = await answer(
      api.POST('/api/v1/conversations/bulk', {
        params: { header: { 'Idempotency-Key': newKey() } },
        body: { ids, ...what },
      }),
    );
    const refused = results.filter(({ error }) => error);
    if (done > 0) told(inbox.say('bulkDone', { count: done }));
    const why = refused[0]?.error?.message;
    if (why) {
      const title = inbox.say('bulkRefused', { count: refused.length });
      notifications.show({ color: 'yellow', title, message: why, autoClose: 8000 });
    }
    await Promise.allSettled(ids.slice(0, 20).map((id) => fetchConversation(id).then(settle)));
    return refused.map(({ id }) => id);
  } catch (error) {
    failed(error);
    return ids;
  }
}
