import { useEffect, useRef } from 'react';
import { settle } from '../../conversations/feed';
import { outbox } from '../../conversations/outbox';
import { fetchConversation } from '../../conversations/queries';
import { useStore } from '../../store';

/** Told when a message is refused because the window is closed, and templates could be sent. */
export function useRefusedWindow(conversation: string, onRefused: () => void): void {
  const refused = useStore(
    outbox,
    (all) =>
      all.find(
        ({ conversation: of, state, templates }) =>
          of === conversation && state === 'failed' && (templates ?? 0) > 0,
      )?.key ?? null,
  );
  // What was refused before somebody came here is no news.
  const last = useRef(refused);
  const latest = useRef(onRefused);
  useEffect(() => {
    latest.current = onRefused;
  });
  useEffect(() => {
    if (refused === last.current) return;
    last.current = refused;
    if (refused === null) return;
    latest.current();
    // The page thought that it was open.
    fetchConversation(conversation).then(settle, () => undefined);
  }, [refused, conversation]);
}
