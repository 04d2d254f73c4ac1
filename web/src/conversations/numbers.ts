/** The tenant's numbers, as far as somebody who serves customers knows them. */

import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import { me } from '../api/session';

export interface OwnNumber {
  id: string;
  name: string;
}

/** As many conversations are looked at, for those who may not list the numbers. */
const LOOKED_AT = 100;

/** The numbers that a conversation can be started from. */
export function useNumbers() {
  const lists = me().permissions.includes('whatsapp:config');
  return useQuery({
    queryKey: ['channels', 'mine', lists],
    queryFn: ({ signal }) => (lists ? listed(signal) : seen(signal)),
    staleTime: 5 * 60_000,
  });
}

async function listed(signal: AbortSignal): Promise<OwnNumber[]> {
  const { data } = await answer(api.GET('/api/v1/channels', { signal }));
  return data.filter(({ is_active }) => is_active).map(({ id, name }) => ({ id, name }));
}

/** Those of the conversations that they see; what they are called stands with the customers. */
async function seen(signal: AbortSignal): Promise<OwnNumber[]> {
  const query = { limit: LOOKED_AT };
  const { data } = await answer(api.GET('/api/v1/conversations', { params: { query }, signal }));
  const one = new Map(data.map(({ channel_id, customer }) => [channel_id, customer.id]));
  return Promise.all(
    [...one].map(async ([id, customer]) => {
      const params = { path: { id: customer } };
      const record = await answer(api.GET('/api/v1/customers/{id}', { params, signal })).catch(
        () => null,
      );
      const named = record?.conversation_list.find(({ channel }) => channel.id === id)?.channel;
      return { id, name: named?.name ?? id.slice(-6) };
    }),
  );
}
