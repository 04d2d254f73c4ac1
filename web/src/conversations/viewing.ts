/** Which colleagues look at a conversation that is open here. */

import { me } from '../api/session';
import type { Viewers, Viewing } from '../live/frames';
import { liveState, onFrame } from '../live/live';
import { createStore } from '../store';

/** Users by conversation. */
export const viewers = createStore<Readonly<Record<string, readonly string[]>>>({});

function put(conversation: string, change: (now: readonly string[]) => readonly string[]): void {
  viewers.set((now) => {
    const before = now[conversation] ?? [];
    const next = change(before).filter((id) => id !== me().id);
    return { ...now, [conversation]: next };
  });
}

export function startViewing(): () => void {
  const stopFrames = onFrame(({ event, payload }) => {
    if (event === 'viewers') {
      const { conversation_id, viewers: all } = payload as Viewers;
      put(conversation_id, () => all ?? []);
    }
    if (event === 'user:viewing') {
      const { conversation_id, user_id, viewing } = payload as Viewing;
      put(conversation_id, (now) => {
        const others = now.filter((id) => id !== user_id);
        return viewing ? [...others, user_id] : others;
      });
    }
  });
  // Who looks is told anew when the connection is back.
  const stopWatching = liveState.subscribe(() => {
    if (liveState.get() === 'waiting') viewers.set({});
  });
  return () => {
    stopFrames();
    stopWatching();
  };
}
