import { useEffect, useState } from 'react';

/** The time, told anew every `every` milliseconds; for waits that grow while somebody looks. */
export function useNow(every = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(ticking);
  }, [every]);
  return now;
}
