/** What was asked of the server, and remembered. */

import { QueryClient } from '@tanstack/react-query';
import { worthRetrying } from '../api/client';
import { session } from '../api/session';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: worthRetrying,
      refetchOnWindowFocus: false,
    },
    mutations: { networkMode: 'always' },
  },
});

let inside = false;

// What somebody has read is forgotten when they leave.
session.subscribe(() => {
  const { state } = session.get();
  if (inside && state === 'out') queries.clear();
  inside = state === 'in';
});
