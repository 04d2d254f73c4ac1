/** The audit trail, and the names of what it speaks of. */

import { useMemo } from 'react';
import { answer, api } from '../../api/client';
import { useDepartments, useEveryChannel, usePages, usePeople } from '../../api/directory';
import type { components } from '../../api/schema';

export type AuditEvent = components['schemas']['AuditEventView'];

export interface AuditFilter {
  actor: string | null;
  category: string | null;
  action: string | null;
  /** What it is about: a kind, and which of them. */
  kind: string | null;
  object: string | null;
  /** `YYYY-MM-DD`, both of them included. */
  from: string | null;
  to: string | null;
}

/** Newest first. */
export function useAudit(filter: AuditFilter) {
  const { actor, category, action, kind, object, from, to } = filter;
  return usePages<AuditEvent>(['audit', filter], (cursor, signal) =>
    answer(
      api.GET('/api/v1/audit/events', {
        params: {
          query: {
            actor_id: actor ?? undefined,
            category: category ?? undefined,
            action: action ?? undefined,
            object_kind: kind ?? undefined,
            object_id: (kind && object) ?? undefined,
            from: from ? midnight(from, 0) : undefined,
            to: to ? midnight(to, 1) : undefined,
            cursor,
          },
        },
        signal,
      }),
    ),
  );
}

/** When a day begins here, `later` days on. */
function midnight(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** The names of people, departments and numbers, by their ids. */
export function useNames(): ReadonlyMap<string, string> {
  const people = usePeople().data;
  const departments = useDepartments().data;
  const channels = useEveryChannel().data;
  return useMemo(
    () =>
      new Map([
        ...(people ?? []).map(({ id, full_name }) => [id, full_name] as const),
        ...(departments ?? []).map(({ id, name }) => [id, name] as const),
        ...(channels ?? []).map(({ id, name }) => [id, name] as const),
      ]),
    [people, departments, channels],
  );
}
