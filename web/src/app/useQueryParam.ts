import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/** A filter that lives in the address, so that a link leads to what is shown. */
export function useQueryParam(name: string): [string | null, (value: string | null) => void] {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (value: string | null) => {
      setParams(
        (now) => {
          const next = new URLSearchParams(now);
          if (value === null || value === '') next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      );
    },
    [name, setParams],
  );
  return [params.get(name), set];
}
