import { type RefObject, useEffect, useRef, useState } from 'react';
import { useLink } from './link';

/** An address that ends sooner than this after it was given is not what is wrong; milliseconds. */
const GOOD_FOR = 60_000;

interface Player<E> {
  element: RefObject<E | null>;
  src: string | undefined;
  /** It cannot be had, also with a new address. */
  lost: boolean;
  again: () => void;
  /** What the element has to tell. */
  handlers: { onError: () => void; onLoadedMetadata: () => void };
}

/**
 * Plays a stored file. Its address ends while it stands on the screen: then it goes on with a new one
 * where it was. One that works stays, since another would end what is playing.
 */
export function usePlayer<E extends HTMLMediaElement>(id: string): Player<E> {
  const link = useLink(id);
  const element = useRef<E>(null);
  const [src, setSrc] = useState(link.data);
  const [lost, setLost] = useState(false);
  const given = useRef(0);
  const was = useRef({ at: 0, playing: false });
  useEffect(() => {
    if (link.data) setSrc((now) => now ?? link.data);
  }, [link.data]);

  const renew = async () => {
    given.current = Date.now();
    const { data } = await link.refetch();
    if (!data) return setLost(true);
    setSrc(data);
    // The same address again changes nothing by itself.
    if (data === src) element.current?.load();
  };

  return {
    element,
    src,
    lost: lost || (link.isError && src === undefined),
    again: () => {
      setLost(false);
      void renew();
    },
    handlers: {
      onError: () => {
        const { currentTime = 0, paused = true } = element.current ?? {};
        was.current = { at: currentTime || was.current.at, playing: !paused };
        if (Date.now() - given.current < GOOD_FOR) setLost(true);
        else void renew();
      },
      onLoadedMetadata: () => {
        const { at, playing } = was.current;
        was.current = { at: 0, playing: false };
        if (!element.current) return;
        if (at > 0) element.current.currentTime = at;
        if (playing) void element.current.play().catch(() => {});
      },
    },
  };
}
