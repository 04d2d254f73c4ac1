/** What the caller is asked to take, and their answers; and taking what waits the longest. */

import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { answer, api } from '../api/client';
import { ApiError, wordsOf } from '../api/errors';
import { me } from '../api/session';
import type { PendingHandoff } from '../api/types';
import { failed, told } from '../app/notify';
import { queries } from '../app/queries';
import { texts } from '../i18n/texts';
import type { OfferEnded } from '../live/frames';
import { useFrames, usePoll } from '../live/live';
import { newKey } from '../local';
import { newOwner } from './owner';

const words = texts(
  'offers',
  {
    taken: 'Você está conduzindo esta conversa',
    late: 'Este pedido já não está com você',
    lateOwner: '{{name}} está atendendo.',
    lateHint: 'Outra pessoa atendeu antes, ou o cliente desistiu.',
    timedOut: 'O tempo para aceitar acabou',
    timedOutHint: 'O pedido foi oferecido a outra pessoa.',
    rescinded: 'O pedido foi retirado',
    rescindedHint: 'Outra pessoa decidiu sobre ele, ou você ficou em pausa.',
    nobody: 'Ninguém está esperando na fila',
  },
  {
    taken: 'You lead this conversation',
    late: 'This request is not with you any more',
    lateOwner: '{{name}} attends it.',
    lateHint: 'Somebody else was faster, or the customer gave up.',
    timedOut: 'The time to accept is over',
    timedOutHint: 'The request was offered to somebody else.',
    rescinded: 'The request was taken back',
    rescindedHint: 'Somebody else decided about it, or you went away.',
    nobody: 'Nobody is waiting',
  },
);

const KEY = ['handoffs', 'offers'] as const;

/** Requests that were answered here: what is told of them is no news. */
const answered = new Set<string>();

export function useOffers(): PendingHandoff[] {
  const client = useQueryClient();
  useFrames(['handoff:offered', 'handoff:offer_ended'], ({ event, payload }) => {
    const { user_id, handoff_id, how } = payload as OfferEnded;
    if (user_id !== me().id) return;
    if (event === 'handoff:offered') answered.delete(handoff_id);
    else ended(handoff_id, how);
    void client.invalidateQueries({ queryKey: KEY });
  });
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/handoffs/offers', { signal })),
    refetchInterval: usePoll(30_000),
  });
  return data?.data ?? [];
}

function ended(handoff: string, how: OfferEnded['how']): void {
  remove(handoff);
  if (answered.has(handoff)) return;
  if (how === 'timed_out') calm('timedOut', words.say('timedOutHint'));
  if (how === 'rescinded') calm('rescinded', words.say('rescindedHint'));
}

function remove(handoff: string): void {
  queries.setQueryData<{ data: PendingHandoff[] }>(
    KEY,
    (now) => now && { ...now, data: now.data.filter(({ id }) => id !== handoff) },
  );
}

function calm(title: Parameters<typeof words.say>[0], message: string): void {
  notifications.show({ color: 'yellow', title: words.say(title), message, autoClose: 8000 });
}

const keyed = (id: string) => ({ path: { id }, header: { 'Idempotency-Key': newKey() } });

/** Takes it. A lost race is nobody's fault. */
export async function accept(offer: PendingHandoff): Promise<boolean> {
  answered.add(offer.id);
  try {
    await answer(api.POST('/api/v1/handoffs/{id}/accept', { params: keyed(offer.id) }));
    told(words.say('taken'));
    return true;
  } catch (error) {
    if (!(error instanceof ApiError && (error.status === 409 || error.status === 404))) {
      failed(error);
      answered.delete(offer.id);
      return false;
    }
    if (error.code === 'at_capacity') {
      calm('late', wordsOf(error));
      return false;
    }
    const name = await newOwner(error, offer.conversation_id);
    calm('late', name ? words.say('lateOwner', { name }) : words.say('lateHint'));
    return false;
  } finally {
    void queries.invalidateQueries({ queryKey: KEY });
  }
}

/** Leaves it to somebody else. That it is over already is just as well. */
export async function reject(offer: PendingHandoff): Promise<void> {
  answered.add(offer.id);
  remove(offer.id);
  try {
    await answer(api.POST('/api/v1/handoffs/{id}/reject', { params: keyed(offer.id) }));
  } catch (error) {
    const over = error instanceof ApiError && (error.status === 409 || error.status === 404);
    if (!over) failed(error);
  } finally {
    void queries.invalidateQueries({ queryKey: KEY });
  }
}

/** Takes whoever is next; gives the conversation, or `null` if there is none to be had. */
export async function takeNext(): Promise<string | null> {
  try {
    const params = { header: { 'Idempotency-Key': newKey() } };
    const taken = await answer(api.POST('/api/v1/handoffs/next', { params }));
    if (taken) {
      told(words.say('taken'));
      return taken.conversation_id;
    }
    told(words.say('nobody'));
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) {
      notifications.show({ color: 'yellow', message: wordsOf(error), autoClose: 8000 });
    } else {
      failed(error);
    }
  }
  return null;
}

/** In components: takes whoever is next and shows the conversation. */
export function useTakeNext(open: (conversation: string) => void): () => void {
  return useCallback(() => {
    void takeNext().then((id) => id !== null && open(id));
  }, [open]);
}
