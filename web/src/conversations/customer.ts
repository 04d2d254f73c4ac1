/** What is known of the customer of a conversation. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import { useFrames } from '../live/live';

const STEADY = 30_000;
/** As many moments as a panel has a place for. */
const MOMENTS = 30;

/** The record, their labels of the tenant and what was there before. */
export function useCustomerRecord(id: string) {
  const client = useQueryClient();
  useFrames(['customer:updated'], ({ payload }) => {
    const { customer_id } = payload as { customer_id: string };
    if (customer_id === id) void client.invalidateQueries({ queryKey: ['customers'] });
  });
  const record = useQuery({
    queryKey: ['customers', id],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/customers/{id}', { params: { path: { id } }, signal })),
    staleTime: STEADY,
  });
  const attributes = useQuery({
    queryKey: ['customer-attributes'],
    queryFn: async ({ signal }) =>
      (await answer(api.GET('/api/v1/customer-attributes', { signal }))).data,
    staleTime: 60_000,
  });
  return { record: record.data, attributes: attributes.data ?? [] };
}

/** Requests for a person that have ended, newest first. */
export function useEarlier(customer: string) {
  const client = useQueryClient();
  // Not what the customer's page keeps of it, page by page.
  const key = ['customers', customer, 'history', 'latest'];
  useFrames(['handoff:completed', 'conversation:updated'], ({ event, payload }) => {
    const { change } = payload as { change?: string };
    if (event === 'handoff:completed' || change === 'rated') {
      void client.invalidateQueries({ queryKey: key });
    }
  });
  const { data } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/v1/customers/{id}/history', {
          params: { path: { id: customer }, query: { limit: MOMENTS } },
          signal,
        }),
      ),
    staleTime: STEADY,
  });
  return (data?.data ?? []).filter(
    ({ kind, ended_at, status }) =>
      kind === 'handoff' && (ended_at != null || status === 'completed'),
  );
}
