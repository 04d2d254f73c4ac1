/** All tenants of the platform. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { usePages } from '../../api/directory';
import type { components } from '../../api/schema';
import type { Tenant } from '../../api/types';

const KEY = ['tenants', 'list'] as const;

export type NewTenant = components['schemas']['CreateTenant'];
export type CreatedTenant = components['schemas']['CreatedTenant'];

export function useTenants() {
  return usePages<Tenant>(KEY, (cursor, signal) =>
    answer(api.GET('/api/v1/tenants', { params: { query: { cursor, limit: 100 } }, signal })),
  );
}

export function useCreateTenant() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewTenant) => answer(api.POST('/api/v1/tenants', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useChangeTenant() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, status }: { id: string; status: 'active' | 'suspended' }) =>
      answer(api.PATCH('/api/v1/tenants/{id}', { params: { path: { id } }, body: { status } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
