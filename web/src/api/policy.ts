/** A tenant's rules of attendance, which the API's description leaves open. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from './client';

/** A part of a day, such as 09:00 to 18:00. */
export interface Interval {
  from: string;
  to: string;
}

export interface BusinessHours {
  active: boolean;
  timezone: string;
  /** By ISO weekday, 1 is Monday. */
  weekly: Record<string, Interval[]>;
  /** Closed dates, `YYYY-MM-DD`. */
  holidays: string[];
}

/** What the customer is told on an occasion. `null` is the usual words, an empty text nothing. */
export const NOTICES = [
  'handoff',
  'out_of_hours',
  'taken_over',
  'transferred',
  'requeued',
  'waiting_too_long',
  'queue_position',
  'queue_estimate',
  'returned_to_bot',
  'not_understood',
  'invalid_input',
  'bot_idle',
  'closed',
] as const;
export type Notice = (typeof NOTICES)[number];

export const STRATEGIES = ['pull', 'round_robin', 'least_busy'] as const;

/** How requests for a person find one. */
export interface Routing {
  strategy: (typeof STRATEGIES)[number];
  /** How long somebody who is asked has to answer. */
  offer_seconds: number;
  /** What whoever serves must be able to do. */
  skills: string[];
}

/** Asking customers how they were served. What is `null` has the usual words. */
export interface Csat {
  enabled: boolean;
  /** Whether they are invited to say why. */
  ask_comment: boolean;
  question: string | null;
  button: string | null;
  options: string[] | null;
  thanks: string | null;
  comment_request: string | null;
  comment_thanks: string | null;
  /** Asks those who did not write for a day; `text` is what they read, said by the server. */
  template?: { name: string; language: string; text?: string };
}

export interface Policy {
  business_hours: BusinessHours;
  handoff_keywords: string[];
  max_misses: number;
  step_limit: number;
  coalesce_quiet_ms: number;
  coalesce_max_ms: number;
  /** Seconds; 0 is never. */
  bot_idle: number;
  waiting_too_long: number;
  human_idle: number;
  human_idle_action: 'requeue' | 'keep';
  /** For requests that belong to no department. */
  routing: Routing;
  /** How much longer a wait counts with each step of priority; seconds. */
  aging: number;
  show_read: boolean;
  csat: Csat;
  texts: Record<Notice, string | null>;
}

const KEY = ['tenants', 'current', 'policy'] as const;
const CURRENT = { params: { path: { id: 'current' } } };

async function read(signal?: AbortSignal): Promise<Policy> {
  const policy = await answer(api.GET('/api/v1/tenants/{id}/policy', { ...CURRENT, signal }));
  return policy as unknown as Policy;
}

/** The rules as they are. */
export function usePolicy() {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => read(signal) });
}

/** Changes a part of the rules: what others have changed meanwhile stays. */
export function useChangePolicy() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (
      change: Partial<Omit<Policy, 'texts'>> & { texts?: Partial<Policy['texts']> },
    ) => {
      const saved = await answer(
        api.PATCH('/api/v1/tenants/{id}/policy', {
          ...CURRENT,
          body: change as unknown as Record<string, never>,
        }),
      );
      return saved as unknown as Policy;
    },
    onSuccess: (saved) => client.setQueryData(KEY, saved),
  });
}
