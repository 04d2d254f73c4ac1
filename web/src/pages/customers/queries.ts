/** The customers that the caller sees. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { usePages } from '../../api/directory';
import type { components } from '../../api/schema';

const KEY = ['customers'] as const;

export type CustomerLine = components['schemas']['CustomerLine'];
export type CustomerDetail = components['schemas']['CustomerDetail'];
export type Attribute = components['schemas']['AttributeView'];

/** A value of an attribute; `null` takes it away. */
export type Value = string | number | boolean | null;

export interface CustomerChange {
  name: string | null;
  email: string | null;
  notes: string | null;
  attributes: Record<string, Value>;
}

export function useCustomers(q: string | null) {
  return usePages<CustomerLine>([...KEY, 'list', q], (cursor, signal) =>
    answer(
      api.GET('/api/v1/customers', { params: { query: { q: q ?? undefined, cursor } }, signal }),
    ),
  );
}

export function useCustomer(id: string) {
  return useQuery({
    queryKey: [...KEY, id],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/customers/{id}', { params: { path: { id } }, signal })),
  });
}

/** What the tenant wants to know of its customers. */
export function useAttributes() {
  return useQuery({
    queryKey: ['customer-attributes'],
    queryFn: async ({ signal }): Promise<Attribute[]> =>
      (await answer(api.GET('/api/v1/customer-attributes', { signal }))).data,
    staleTime: 60_000,
  });
}

export function useChangeCustomer(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: CustomerChange) =>
      answer(
        api.PATCH('/api/v1/customers/{id}', {
          params: { path: { id } },
          // The API's description leaves values open.
          body: change as unknown as components['schemas']['UpdateCustomer'],
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
