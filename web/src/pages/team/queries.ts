/** The people of a tenant. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { directoryKeys, usePages } from '../../api/directory';
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

/** What is told once about somebody new. */
export interface Welcome {
  person: User;
  invitation?: { url: string; expires_at: string };
  password?: string;
}

/** Creates somebody. */
export function useCreatePerson() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (person: Person): Promise<Welcome> => {
      const password = temporaryPassword();
      const created = await answer(api.POST('/api/v1/users', { body: { ...person, password } }));
      return { person: created, password };
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }),
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

/** Letters and digits that nobody takes for others when they are read out; 70 bits of chance. */
function temporaryPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  const all = Array.from(bytes, (byte) => letters[byte % letters.length]).join('');
  return [all.slice(0, 5), all.slice(5, 10), all.slice(10)].join('-');
}
