/** The labels that conversations can have. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema';

export type Label = components['schemas']['LabelView'];

const KEY = ['labels'] as const;

export function useLabels() {
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }): Promise<Label[]> =>
      (await answer(api.GET('/api/v1/labels', { signal }))).data,
  });
}

export interface LabelDraft {
  name: string;
  colour: string;
}

/** Adds a label, or changes one. */
export function useSaveLabel(id: string | null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: LabelDraft) =>
      id
        ? answer(api.PATCH('/api/v1/labels/{id}', { params: { path: { id } }, body }))
        : answer(api.POST('/api/v1/labels', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useRemoveLabel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE('/api/v1/labels/{id}', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
