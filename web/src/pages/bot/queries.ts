/** A tenant's flows. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { Flow as FlowView } from '../../api/types';
import type { Flow } from './flow';

/** A flow with what the API's description leaves open. */
export type StoredFlow = Omit<FlowView, 'flow'> & { flow: Flow };

const KEY = ['bot', 'flows'] as const;

const typed = (view: FlowView) => view as unknown as StoredFlow;

/** All flows; where there are none yet, the one that serves meanwhile. */
export function useFlows() {
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }): Promise<StoredFlow[]> => {
      const { data } = await answer(api.GET('/api/v1/bot/flows', { signal }));
      if (data.some(({ is_active }) => is_active)) return data.map(typed);
      const usual = await answer(api.GET('/api/v1/bot/flows/active', { signal }));
      return [typed(usual), ...data.map(typed)];
    },
  });
}

export interface FlowEdit {
  /** `null` for one that is not stored yet. */
  id: string | null;
  name: string;
  is_active: boolean;
  version?: number;
  flow: Flow;
}

/** Creates a flow, or replaces the version that was edited. */
export function useSaveFlow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, flow, ...rest }: FlowEdit) => {
      const body = { ...rest, flow: flow as unknown as Record<string, never> };
      if (id === null) {
        const { version: _, ...fresh } = body;
        return typed(await answer(api.POST('/api/v1/bot/flows', { body: fresh })));
      }
      const params = { path: { id } };
      return typed(await answer(api.PUT('/api/v1/bot/flows/{id}', { params, body })));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useReloadFlows() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: KEY });
}
