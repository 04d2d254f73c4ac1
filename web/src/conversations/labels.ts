/** The labels of the tenant. */

import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { components } from '../api/schema';
import { queries } from '../app/queries';

export type Label = components['schemas']['LabelView'];

const KEY = ['labels'] as const;

export function useLabels() {
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }): Promise<Label[]> =>
      (await answer(api.GET('/api/v1/labels', { signal }))).data,
    staleTime: 60_000,
  });
}

/** A label that was loaded. */
export function labelOf(id: string): Label | undefined {
  return queries.getQueryData<Label[]>(KEY)?.find((one) => one.id === id);
}
