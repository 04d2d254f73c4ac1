/** Departments, and their order. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { directoryKeys } from '../../api/directory';
import type { BusinessHours, Routing } from '../../api/policy';
import type { Department } from '../../api/types';

interface Change extends Partial<Routing> {
  name?: string;
  position?: number;
  business_hours?: BusinessHours | null;
}

/** The API's description leaves the shape of hours open. */
type Body = Omit<Change, 'business_hours'> & { business_hours?: Record<string, never> | null };

export function useCreateDepartment() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; position: number }) =>
      answer(api.POST('/api/v1/departments', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: directoryKeys.departments }),
  });
}

export function useChangeDepartment() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: Change }) =>
      answer(
        api.PATCH('/api/v1/departments/{id}', {
          params: { path: { id } },
          body: change as unknown as Body,
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: directoryKeys.departments }),
  });
}

/** Puts the departments into this order; only those that move are written. */
export function useReorder() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (order: Department[]) => {
      for (const [position, { id, position: before }] of order.entries()) {
        if (position === before) continue;
        const params = { path: { id } };
        await answer(api.PATCH('/api/v1/departments/{id}', { params, body: { position } }));
      }
    },
    onMutate: (order) => client.setQueryData(directoryKeys.departments, order),
    onSettled: () => client.invalidateQueries({ queryKey: directoryKeys.departments }),
  });
}
