/** All tenants of the platform. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { usePages } from '../../api/directory';
import type { components } from '../../api/schema';
import type { Tenant } from '../../api/types';

const KEY = ['tenants', 'list'] as const;

export type NewTenant = components['schemas']['CreateTenant'];
export type TenantChange = components['schemas']['UpdateTenant'];
export type Plan = components['schemas']['Plan'];
export type CreatedTenant = components['schemas']['CreatedTenant'];

export function useTenants() {
  return usePages<Tenant>(KEY, (cursor, signal) =>
    answer(api.GET('/api/v1/tenants', { params: { query: { cursor, limit: 100 } }, signal })),
  );
}

/** Makes a tenant; its administrator is invited, and nobody else knows the password. */
export function useCreateTenant() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewTenant) =>
      answer(api.POST('/api/v1/tenants', { body: { ...body, invite: true } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useChangeTenant() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: TenantChange }) =>
      answer(api.PATCH('/api/v1/tenants/{id}', { params: { path: { id } }, body: change })),
    // Its plan decides what it may use.
    onSuccess: () => client.invalidateQueries({ queryKey: ['tenants'] }),
  });
}
