import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

type Change = Record<string, string | null>;

/** Filters that live in the address, so that a link leads to what is shown. */
export function useQueryParams(): [URLSearchParams, (change: Change) => void] {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (change: Change) => {
      setParams(
        (now) => {
          const next = new URLSearchParams(now);
          for (const [name, value] of Object.entries(change)) {
            if (value === null || value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      );
    },
    [setParams],
  );
  return [params, set];
}

/** One of them. */
export function useQueryParam(name: string): [string | null, (value: string | null) => void] {
  const [params, setAll] = useQueryParams();
  const set = useCallback((value: string | null) => setAll({ [name]: value }), [name, setAll]);
  return [params.get(name), set];
}
