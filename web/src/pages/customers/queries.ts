/** The customers that the caller sees. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { usePages } from '../../api/directory';
import type { components } from '../../api/schema';

const KEY = ['customers'] as const;

export type CustomerLine = components['schemas']['CustomerLine'];
export type CustomerDetail = components['schemas']['CustomerDetail'];
export type Attribute = components['schemas']['AttributeView'];
export type AttributeKind = components['schemas']['KindName'];
export type Moment = components['schemas']['MomentView'];

const ATTRIBUTES = ['customer-attributes'] as const;

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
    queryKey: ATTRIBUTES,
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

/** What happened in a customer's conversations, newest first. */
export function useHistory(id: string) {
  return usePages<Moment>([...KEY, id, 'history'], (cursor, signal) =>
    answer(
      api.GET('/api/v1/customers/{id}/history', {
        params: { path: { id }, query: { cursor, limit: 20 } },
        signal,
      }),
    ),
  );
}

/** Makes another customer's record a part of this one. */
export function useMerge(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (source_id: string) =>
      answer(
        api.POST('/api/v1/customers/{id}/merge', {
          params: { path: { id } },
          body: { source_id },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Takes two records apart again. */
export function useUndoMerge() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (merge: string) =>
      answer(api.POST('/api/v1/customers/merges/{id}/undo', { params: { path: { id: merge } } })),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export interface AttributeDraft {
  key: string;
  label: string;
  kind: AttributeKind;
  choices: string[];
}

/** Adds an attribute, or changes how one is called; its key and kind stay for ever. */
export function useSaveAttribute(existing: Attribute | null, position: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ key, label, kind, choices }: AttributeDraft) => {
      const chosen = kind === 'choice' ? { choices } : {};
      return existing
        ? answer(
            api.PATCH('/api/v1/customer-attributes/{id}', {
              params: { path: { id: existing.key } },
              body: { label, ...chosen },
            }),
          )
        : answer(
            api.POST('/api/v1/customer-attributes', {
              body: { key, label, kind, position, ...chosen },
            }),
          );
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ATTRIBUTES }),
  });
}

export function useRemoveAttribute() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: string) =>
      answer(api.DELETE('/api/v1/customer-attributes/{id}', { params: { path: { id: key } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ATTRIBUTES }),
  });
}

/** Puts the attributes into this order; only those that move are written. */
export function useReorderAttributes() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (order: Attribute[]) => {
      for (const [position, { key, position: before }] of order.entries()) {
        if (position === before) continue;
        const params = { path: { id: key } };
        await answer(api.PATCH('/api/v1/customer-attributes/{id}', { params, body: { position } }));
      }
    },
    onMutate: (order) => client.setQueryData(ATTRIBUTES, order),
    onSettled: () => client.invalidateQueries({ queryKey: ATTRIBUTES }),
  });
}
