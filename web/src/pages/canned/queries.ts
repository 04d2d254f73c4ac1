/** The replies that the caller may use. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { usePages } from '../../api/directory';
import type { components } from '../../api/schema';

const KEY = ['canned-replies'] as const;

export type CannedReply = components['schemas']['CannedReplyView'];
export type NewReply = components['schemas']['CreateCannedReply'];
export type ReplyChange = components['schemas']['UpdateCannedReply'];

export function useReplies(q: string | null) {
  return usePages<CannedReply>([...KEY, q], (cursor, signal) =>
    answer(
      api.GET('/api/v1/canned-replies', {
        params: { query: { q: q ?? undefined, cursor } },
        signal,
      }),
    ),
  );
}

export function useCreateReply() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewReply) => answer(api.POST('/api/v1/canned-replies', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useChangeReply() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: ReplyChange }) =>
      answer(api.PATCH('/api/v1/canned-replies/{id}', { params: { path: { id } }, body: change })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useDeleteReply() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE('/api/v1/canned-replies/{id}', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
