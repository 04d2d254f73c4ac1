/** A tenant's flows. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema';
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

/** A draft takes the place of the flow that serves. */
export function usePublish() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version }: { id: string; version?: number }) =>
      answer(
        api.POST('/api/v1/bot/flows/{id}/publish', {
          params: { path: { id }, query: version === undefined ? {} : { version } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['bot'] }),
  });
}

/** A draft that nobody needs any more. */
export function useDeleteFlow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE('/api/v1/bot/flows/{id}', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export type Trial = components['schemas']['TrialView'];

const TRIALS = ['bot', 'trials'] as const;

/** Phones on which a draft runs. */
export function useTrials() {
  return useQuery({
    queryKey: TRIALS,
    queryFn: async ({ signal }): Promise<Trial[]> =>
      (await answer(api.GET('/api/v1/bot/trials', { signal }))).data,
    refetchInterval: 60_000,
  });
}

/** Lets one phone try a flow for an hour. */
export function useTry(flow: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (phone: string) =>
      answer(
        api.POST('/api/v1/bot/flows/{id}/try', { params: { path: { id: flow } }, body: { phone } }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: TRIALS }),
  });
}

/** Ends all trials of a flow. */
export function useEndTrials(flow: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(api.DELETE('/api/v1/bot/flows/{id}/try', { params: { path: { id: flow } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: TRIALS }),
  });
}

/** Something that the customer says in a rehearsal. */
export interface Said {
  text: string;
  /** Id of what was tapped. */
  choice?: string;
}

interface Choice {
  id: string;
  title: string;
  description?: string | null;
}

/** A message to the customer, as far as a rehearsal shows it. */
export interface Told {
  text: string;
  content: {
    type: string;
    header?: string | null;
    footer?: string | null;
    buttons?: Choice[];
    /** The words on the button of a list. */
    button?: string;
    sections?: { rows: Choice[] }[];
  };
}

export interface Turn {
  told: Told[];
  mode: string;
  node: string | null;
}

/** What a flow would say, without anybody being told. */
export async function rehearse(flow: Flow, said: Said[], name: string): Promise<Turn[]> {
  const body = {
    flow: flow as unknown as Record<string, never>,
    said,
    customer_name: name,
  };
  const { turns } = await answer(api.POST('/api/v1/bot/flows/dry-run', { body }));
  return turns as unknown as Turn[];
}
