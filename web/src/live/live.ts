/** The tab's one socket, and who listens to it. */

import { useEffect, useRef } from 'react';
import { accessToken, renewedToken } from '../api/session';
import { createStore, useStore } from '../store';
import type { EventFrame } from './frames';
import { LiveSocket, type LiveState } from './socket';

export const liveState = createStore<LiveState>('stopped');

type OnFrame = (frame: EventFrame) => void;
const frames = new Set<OnFrame>();
const resyncs = new Set<() => void>();

let socket: LiveSocket | null = null;
/** What is on the screen: a socket that comes later joins it too. */
const joined = new Set<string>();

/** Begins to listen, as who is logged in; `acting` names the tenant for super admins. */
export function connect(acting: string | null): () => void {
  const url = new URL('/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  if (acting !== null) url.searchParams.set('tenant', acting);
  const mine = new LiveSocket(url.href, {
    token: (stale) => (stale === null ? accessToken() : renewedToken(stale)),
    resync: () => {
      for (const listener of [...resyncs]) listener();
    },
    frame: (frame) => {
      for (const listener of [...frames]) listener(frame);
    },
    state: (state) => liveState.set(state),
  });
  socket = mine;
  for (const conversation of joined) mine.join(conversation);
  const nudge = () => mine.nudge();
  const seen = () => {
    if (document.visibilityState === 'visible') mine.nudge();
  };
  window.addEventListener('online', nudge);
  document.addEventListener('visibilitychange', seen);
  mine.start();
  return () => {
    window.removeEventListener('online', nudge);
    document.removeEventListener('visibilitychange', seen);
    mine.stop();
    if (socket === mine) socket = null;
  };
}

/** From now on tells who looks at the conversation and who types there; whenever there is a socket. */
export function join(conversation: string): void {
  joined.add(conversation);
  socket?.join(conversation);
}

export function leave(conversation: string): void {
  joined.delete(conversation);
  socket?.leave(conversation);
}

export const typing = (conversation: string): void => socket?.typing(conversation);

/** Calls `listener` with every frame until the returned function is called. */
export function onFrame(listener: OnFrame): () => void {
  frames.add(listener);
  return () => frames.delete(listener);
}

/** Calls `listener` whenever what is known must be loaded again. */
export function onResync(listener: () => void): () => void {
  resyncs.add(listener);
  return () => resyncs.delete(listener);
}

/** In components: calls `listener` with the frames of these events. */
export function useFrames(events: readonly string[], listener: OnFrame): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  const names = events.join(' ');
  useEffect(() => {
    const wanted = new Set(names.split(' '));
    return onFrame((frame) => {
      if (wanted.has(frame.event)) latest.current(frame);
    });
  }, [names]);
}

/** How often to ask the server for what frames tell as well: not at all while they come. */
export function usePoll(every: number): number | false {
  return useStore(liveState, (state) => state === 'live') ? false : every;
}
