/** What was spoken and the server does not have yet; kept as long as the page is there. */

import { wordsOf } from '../../api/errors';
import { me } from '../../api/session';
import { post } from '../../conversations/outbox';
import { upload } from '../../media/upload';
import { createStore } from '../../store';

export interface Voice {
  sound: Blob;
  /** The message that it answers. */
  replyTo: string | null;
  /** `held`: nobody has said that it is to be sent. */
  state: 'held' | 'sending' | 'failed';
  /** Why it failed. */
  problem: string | null;
}

/** One for each conversation and who spoke in it. */
export const voices = createStore<Readonly<Record<string, Voice>>>({});

export const voiceName = (conversation: string) => `${me().id} ${conversation}`;

function put(name: string, change: Partial<Voice>): void {
  voices.set((now) => {
    const voice = now[name];
    return voice ? { ...now, [name]: { ...voice, ...change } } : now;
  });
}

function drop(name: string): void {
  voices.set(({ [name]: _, ...others }) => others);
}

/** Keeps what was spoken until it is sent or thrown away. */
export function keepVoice(conversation: string, sound: Blob, replyTo: string | null): void {
  const voice: Voice = { sound, replyTo, state: 'held', problem: null };
  voices.set((now) => ({ ...now, [voiceName(conversation)]: voice }));
}

export function dropVoice(conversation: string): void {
  drop(voiceName(conversation));
}

/** Sends what was kept; what fails stays. `seen` is the newest message before the speaker's eyes. */
export async function sendVoice(conversation: string, seen: number): Promise<void> {
  const name = voiceName(conversation);
  const voice = voices.get()[name];
  if (!voice || voice.state === 'sending') return;
  put(name, { state: 'sending', problem: null });
  const signal = new AbortController().signal;
  const options = { filename: 'voz.ogg', kind: 'audio' as const, signal, progress: () => {} };
  try {
    const stored = await upload(voice.sound, options);
    // Thrown away in the meantime, or its speaker has left.
    if (!voices.get()[name] || voiceName(conversation) !== name) return;
    drop(name);
    const { replyTo } = voice;
    post({ conversation, replyTo, seen, text: '', note: false, file: { ...stored, voice: true } });
  } catch (error) {
    put(name, { state: 'failed', problem: wordsOf(error) });
  }
}
