/** Which colleagues are typing where. A signal is good for a few seconds. */

import { me } from '../api/session';
import type { NewMessage, Typing } from '../live/frames';
import { onFrame, typing } from '../live/live';
import { createStore } from '../store';

const LASTS = 5_000;
/** The server passes one signal on in this time; milliseconds. */
const EVERY = 2_500;

/** Users by conversation. */
export const typists = createStore<Readonly<Record<string, readonly string[]>>>({});

const timers = new Map<string, ReturnType<typeof setTimeout>>();

function without(conversation: string, user: string): void {
  typists.set((now) => ({
    ...now,
    [conversation]: (now[conversation] ?? []).filter((one) => one !== user),
  }));
}

export function startTyping(): () => void {
  return onFrame((frame) => {
    if (frame.event === 'message:new') {
      // What somebody typed is there.
      const { sender_user_id: user, conversation_id: conversation } = frame.payload as NewMessage;
      if (user && typists.get()[conversation]?.includes(user)) without(conversation, user);
      return;
    }
    if (frame.event !== 'user:typing') return;
    const { user_id: user, conversation_id: conversation } = frame.payload as Typing;
    if (user === me().id) return;
    const name = `${conversation} ${user}`;
    clearTimeout(timers.get(name));
    timers.set(
      name,
      setTimeout(() => without(conversation, user), LASTS),
    );
    typists.set((now) => {
      const already = now[conversation] ?? [];
      return already.includes(user) ? now : { ...now, [conversation]: [...already, user] };
    });
  });
}

let last = 0;

/** The caller types. */
export function tellTyping(conversation: string): void {
  const now = Date.now();
  if (now - last < EVERY) return;
  last = now;
  typing(conversation);
}
