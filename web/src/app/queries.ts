/** What was asked of the server, and remembered. */

import { QueryClient } from '@tanstack/react-query';
import { worthRetrying } from '../api/client';

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
