/** The people of a tenant. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { directoryKeys, usePages } from '../../api/directory';
import type { components } from '../../api/schema';
import type { User } from '../../api/types';
import { useFrames } from '../../live/live';

export interface PeopleFilter {
  q: string | null;
  role: string | null;
  /** `active` is what is shown unless somebody asks for more. */
  standing: 'active' | 'inactive' | 'all';
}

const KEY = ['users', 'list'] as const;

export function usePeoplePages({ q, role, standing }: PeopleFilter) {
  return usePages<User>([...KEY, q, role, standing], (cursor, signal) =>
    answer(
      api.GET('/api/v1/users', {
        params: {
          query: {
            q: q ?? undefined,
            role: role ?? undefined,
            is_active: standing === 'all' ? undefined : standing === 'active',
            cursor,
          },
        },
        signal,
      }),
    ),
  );
}

/** Keeps who is connected up to date. */
export function useComingAndGoing(): void {
  const client = useQueryClient();
  useFrames(['user:online', 'user:offline', 'users:changed'], () => {
    void client.invalidateQueries({ queryKey: directoryKeys.online });
  });
}

export interface Person {
  full_name: string;
  email: string;
  role: string;
  departments: string[];
}

type Link = components['schemas']['LinkView'];

/** A link that somebody must be given: to join, or to choose another password. */
export interface Welcome {
  person: User;
  link: Link;
  kind: 'invitation' | 'reset';
}

/** Creates somebody, who chooses a password by a link. */
export function useCreatePerson() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (person: Person): Promise<Welcome | null> => {
      const created = await answer(api.POST('/api/v1/users', { body: person }));
      const { invitation } = created;
      return invitation ? { person: created, link: invitation, kind: 'invitation' } : null;
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
}

/** Makes a link by which somebody chooses another password. */
export function useResetLink() {
  return useMutation({
    mutationFn: async (person: User): Promise<Welcome> => {
      const params = { path: { id: person.id } };
      const link = await answer(api.POST('/api/v1/users/{id}/password-reset-link', { params }));
      return { person, link, kind: 'reset' };
    },
  });
}

export type PersonChange = Partial<Omit<Person, 'email'>> & { is_active?: boolean };

/** Changes somebody. */
export function useChangePerson() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: PersonChange }) =>
      answer(api.PATCH('/api/v1/users/{id}', { params: { path: { id } }, body: change })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
}

export type Attendance = components['schemas']['UserAttendanceView'];

const attendanceKey = (id: string) => ['users', 'attendance', id] as const;

/** How somebody serves customers. */
export function useAttendance(id: string) {
  return useQuery({
    queryKey: attendanceKey(id),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/users/{id}/attendance', { params: { path: { id } }, signal })),
  });
}

export function useChangeAttendance(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { capacity: number; skills: string[] }) =>
      answer(api.PATCH('/api/v1/users/{id}/attendance', { params: { path: { id } }, body })),
    onSuccess: (saved) => client.setQueryData(attendanceKey(id), saved),
  });
}

/** Lets somebody in without a second factor, who has lost it. */
export function useResetTwoFactor() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: User) =>
      answer(api.DELETE('/api/v1/users/{id}/2fa', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
}
