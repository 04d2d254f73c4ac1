/** Addresses of files: good for some minutes, for what the browser loads by itself. */

import { useMutation, useQuery } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import { failed } from '../app/notify';

/** Asked for anew well before the address ends; milliseconds. */
const FRESH = 4 * 60_000;

async function link(id: string, signal?: AbortSignal): Promise<string> {
  const path = { id };
  const { url } = await answer(api.POST('/api/v1/media/{id}/link', { params: { path }, signal }));
  return url;
}

/** The address of a file that the server has. */
export function useLink(id: string | undefined, wanted = true) {
  return useQuery({
    queryKey: ['media-link', id],
    queryFn: ({ signal }) => link(id ?? '', signal),
    enabled: wanted && id !== undefined,
    staleTime: FRESH,
    gcTime: FRESH,
  });
}

/** Saves a file under its name. */
export async function save(id: string, filename: string): Promise<void> {
  try {
    const at = document.createElement('a');
    at.href = await link(id);
    at.download = filename;
    at.click();
  } catch (error) {
    failed(error);
  }
}

/** Has a customer's file fetched again. */
export function useFetchAgain(id: string) {
  return useMutation({
    mutationFn: () => answer(api.POST('/api/v1/media/{id}/retry', { params: { path: { id } } })),
    onError: (error) => failed(error),
  });
}
