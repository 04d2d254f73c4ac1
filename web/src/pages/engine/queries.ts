/** What runs for the tenant, and what failed. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { usePages } from '../../api/directory';
import { ApiError } from '../../api/errors';
import type { components } from '../../api/schema';
import type { DeadLetter, Incident } from '../../api/types';
import { failed, told } from '../../app/notify';
import { engine } from './texts';

/** The tenant's part of the actor tree; the API's description leaves it open. */
export interface Tree {
  shard: number | null;
  last_seq: number;
  in_hand: number;
  active: number;
  conversations: {
    id: string;
    state: 'loading' | 'up' | 'leaving' | 'backoff';
    queued: number;
    in_hand: number;
  }[];
  attendants: { user: string; sockets: number }[];
  channels: { id: string; health: string; code: number | null; sending: number }[];
}

const EVERY = 3_000;
const SELDOM = 30_000;

export function useTree() {
  return useQuery({
    queryKey: ['engine', 'actors'],
    queryFn: async ({ signal }) =>
      (await answer(api.GET('/api/v1/engine/actors', { signal }))) as unknown as Tree,
    refetchInterval: EVERY,
  });
}

export function useQuarantine() {
  return usePages<{ conversation_id: string }>(
    ['engine', 'quarantine'],
    (cursor, signal) =>
      answer(api.GET('/api/v1/engine/quarantine', { params: { query: { cursor } }, signal })),
    { refetchInterval: SELDOM },
  );
}

export function useDeadLetters() {
  return usePages<DeadLetter>(
    ['engine', 'dead-letters'],
    (cursor, signal) =>
      answer(api.GET('/api/v1/engine/dead-letters', { params: { query: { cursor } }, signal })),
    { refetchInterval: SELDOM },
  );
}

export function useIncidents() {
  return usePages<Incident>(
    ['engine', 'restarts'],
    (cursor, signal) =>
      answer(api.GET('/api/v1/engine/restarts', { params: { query: { cursor } }, signal })),
    { refetchInterval: SELDOM },
  );
}

/** Lets a conversation decide normally again. */
export function useResume() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.POST('/api/v1/engine/quarantine/{id}/resume', {
          params: { path: { id } },
        }),
      ),
    onSuccess: () => told(engine.say('resumed')),
    onError: (error) => {
      if (error instanceof ApiError && error.status === 409) told(engine.say('notThere'));
      else failed(error);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['engine'] }),
  });
}

/** Has an item tried again. */
export function useRetry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) =>
      answer(api.POST('/api/v1/engine/dead-letters/{id}/retry', { params: { path: { id } } })),
    onSuccess: () => told(engine.say('retried')),
    onError: (error) => failed(error),
    onSettled: () => client.invalidateQueries({ queryKey: ['engine', 'dead-letters'] }),
  });
}

export type Job = components['schemas']['JobView'];
export const JOB_STATES = ['dead', 'pending', 'running', 'done'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Work that is done aside: downloads, synchronisations, what is sent later. */
export function useJobs(state: JobState) {
  return usePages<Job>(
    ['engine', 'jobs', state],
    (cursor, signal) =>
      answer(api.GET('/api/v1/engine/jobs', { params: { query: { state, cursor } }, signal })),
    { refetchInterval: SELDOM },
  );
}

/** Has a job that was given up tried again. */
export function useRetryJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) =>
      answer(api.POST('/api/v1/engine/jobs/{id}/retry', { params: { path: { id } } })),
    onSuccess: () => told(engine.say('jobRetried')),
    onError: (error) => failed(error),
    onSettled: () => client.invalidateQueries({ queryKey: ['engine', 'jobs'] }),
  });
}

/** Throws away what was given up. */
export function useDiscard(what: 'jobs' | 'dead-letters') {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => {
      const params = { path: { id } };
      return what === 'jobs'
        ? answer(api.DELETE('/api/v1/engine/jobs/{id}', { params }))
        : answer(api.DELETE('/api/v1/engine/dead-letters/{id}', { params }));
    },
    onSuccess: () => told(engine.say('discarded')),
    onError: (error) => failed(error),
    onSettled: () => client.invalidateQueries({ queryKey: ['engine', what] }),
  });
}
