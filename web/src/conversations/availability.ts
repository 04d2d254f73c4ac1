/** Whether the caller takes conversations. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import { me } from '../api/session';
import { failed } from '../app/notify';
import type { AvailabilityChanged } from '../live/frames';
import { useFrames } from '../live/live';

export type Available = 'available' | 'away';

const KEY = ['attendance', 'mine'] as const;

interface Attendance {
  availability: string;
}

/** As it is now, also where another window changed it; `undefined` until it is known. */
export function useAvailability(): Available | undefined {
  const client = useQueryClient();
  useFrames(['user:availability'], ({ payload }) => {
    const { user_id, availability } = payload as AvailabilityChanged;
    if (user_id === me().id) client.setQueryData<Available>(KEY, read(availability));
  });
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => {
      const path = { id: me().id };
      const found = await answer(
        api.GET('/api/v1/users/{id}/attendance', { params: { path }, signal }),
      );
      return read((found as unknown as Attendance).availability);
    },
    staleTime: 60_000,
  });
  return data;
}

function read(word: string): Available {
  return word === 'away' ? 'away' : 'available';
}

export function useSetAvailability() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (availability: Available) =>
      answer(api.PUT('/api/v1/me/availability', { body: { availability } })),
    onSuccess: (_, availability) => client.setQueryData<Available>(KEY, availability),
    onError: (error) => failed(error),
  });
}
