/** The numbers of a tenant. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema';
import type { Channel } from '../../api/types';

const KEY = ['channels'] as const;

export type NewChannel = components['schemas']['CreateChannel'];
export type ChannelChange = components['schemas']['UpdateChannel'];

/** All numbers; their health changes by itself. */
export function useChannels() {
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }): Promise<Channel[]> =>
      (await answer(api.GET('/api/v1/channels', { signal }))).data,
    refetchInterval: 30_000,
  });
}

export function useCreateChannel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewChannel) => answer(api.POST('/api/v1/channels', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useChangeChannel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: ChannelChange }) =>
      answer(api.PATCH('/api/v1/channels/{id}', { params: { path: { id } }, body: change })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useRemoveChannel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE('/api/v1/channels/{id}', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Where Meta sends what customers write. */
export function webhookUrl(): string {
  return new URL('/api/v1/webhooks/whatsapp', location.origin).href;
}

/** Says something to a phone that has written to the number, and tells what became of it. */
export function useTestMessage(channel: string) {
  return useMutation({
    mutationFn: (body: { phone: string; text: string }) =>
      answer(
        api.POST('/api/v1/channels/{id}/test-message', { params: { path: { id: channel } }, body }),
      ),
  });
}

/** Asks Meta whether a number would work with these credentials. */
export function useCheck() {
  return useMutation({
    mutationFn: (body: components['schemas']['CheckChannel']) =>
      answer(api.POST('/api/v1/channels/check', { body })),
  });
}
