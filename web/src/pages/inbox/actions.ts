/** What people do with a conversation. */

import { notifications } from '@mantine/notifications';
import { answer, api } from '../../api/client';
import { ApiError, wordsOf } from '../../api/errors';
import { failed, told } from '../../app/notify';
import { settle } from '../../conversations/feed';
import { newOwner } from '../../conversations/owner';
import { fetchConversation } from '../../conversations/queries';
import { newKey } from '../../local';
import { inbox } from './texts';

const params = (id: string) => ({ path: { id }, header: { 'Idempotency-Key': newKey() } });

/** Does it, says that it was done, and shows what became of the conversation, whoever was faster. */
async function carryOut<T>(
  id: string,
  work: () => Promise<T>,
  done: (result: T) => string,
): Promise<boolean> {
  try {
    told(done(await work()));
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) {
      const name = await newOwner(error, id);
      notifications.show({
        color: 'yellow',
        title: inbox.say('lostRace'),
        message: name ? inbox.say('otherLeads', { name }) : wordsOf(error),
      });
    } else {
      failed(error);
    }
    return false;
  } finally {
    await fetchConversation(id).then(settle, () => undefined);
  }
}

export function takeOver(id: string): Promise<boolean> {
  return carryOut(
    id,
    () => answer(api.POST('/api/v1/conversations/{id}/takeover', { params: params(id) })),
    ({ on_the_wire: count }) =>
      count > 0 ? inbox.say('onTheWire', { count }) : inbox.say('taken'),
  );
}

export function close(id: string, resolution: string): Promise<boolean> {
  const body = resolution ? { resolution } : {};
  return carryOut(
    id,
    () => answer(api.POST('/api/v1/conversations/{id}/close', { params: params(id), body })),
    () => inbox.say('closedDone'),
  );
}

export type Destination = { user: string } | { department: string } | 'bot';

export function transfer(id: string, to: Destination, why: string): Promise<boolean> {
  const body = {
    reason: why || undefined,
    to_user_id: typeof to === 'object' && 'user' in to ? to.user : undefined,
    department_id: typeof to === 'object' && 'department' in to ? to.department : undefined,
  };
  return carryOut(
    id,
    () => answer(api.POST('/api/v1/conversations/{id}/transfer', { params: params(id), body })),
    () => inbox.say(to === 'bot' ? 'returned' : 'transferred'),
  );
}

export function returnToBot(id: string): Promise<boolean> {
  return carryOut(
    id,
    () => answer(api.POST('/api/v1/conversations/{id}/return-to-bot', { params: params(id) })),
    () => inbox.say('returned'),
  );
}

/** Quietly: if it does not work, the next look at the conversation does it. */
export async function markRead(id: string, upto_seq: number): Promise<void> {
  await answer(
    api.POST('/api/v1/conversations/{id}/read', { params: { path: { id } }, body: { upto_seq } }),
  ).catch(() => undefined);
}
