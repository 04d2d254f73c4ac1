/** Tells somebody who looks elsewhere that they are needed: a tone, a notification. */

import { me } from '../api/session';
import { texts } from '../i18n/texts';
import type { EventFrame, HandoffNew, NewMessage } from '../live/frames';
import { liveState, onFrame } from '../live/live';
import { preferences } from '../preferences';
import { known } from './queries';

const words = texts(
  'alerts',
  { handoff: 'Novo pedido de atendimento', customer: 'Cliente' },
  { handoff: 'Somebody asks for a person', customer: 'Customer' },
);

/** Tones closer to each other are one; milliseconds. */
const APART = 2_000;
let lastTone = 0;

/** Two short notes, made here: there is no file to wait for. */
function tone(): void {
  const now = Date.now();
  if (!preferences.get().sound || now - lastTone < APART) return;
  lastTone = now;
  try {
    const audio = new AudioContext();
    const volume = audio.createGain();
    volume.gain.value = 0.06;
    volume.connect(audio.destination);
    for (const [pitch, begins] of [
      [660, 0],
      [880, 0.12],
    ] as const) {
      const note = audio.createOscillator();
      note.frequency.value = pitch;
      note.connect(volume);
      note.start(audio.currentTime + begins);
      note.stop(audio.currentTime + begins + 0.1);
    }
    setTimeout(() => void audio.close(), 1_000);
  } catch {
    // No sound here, or not before somebody has touched the page.
  }
}

function notify(title: string, body: string, conversation: string, open: (id: string) => void) {
  const wanted = preferences.get().desktop && document.visibilityState === 'hidden';
  if (!wanted || !('Notification' in window) || Notification.permission !== 'granted') return;
  const shown = new Notification(title, { body, tag: conversation, icon: '/icon.svg' });
  shown.onclick = () => {
    window.focus();
    open(conversation);
    shown.close();
  };
}

/** Whether somebody has the conversation before their eyes. */
function seen(conversation: string): boolean {
  return document.hasFocus() && location.pathname === `/inbox/${conversation}`;
}

function alert(frame: EventFrame, open: (id: string) => void): void {
  if (frame.event === 'handoff:new') {
    const { conversation_id: id } = frame.payload as HandoffNew;
    tone();
    notify(words.say('handoff'), known(id)?.customer.name ?? '', id, open);
  }
  if (frame.event === 'message:new') {
    const message = frame.payload as NewMessage;
    const conversation = known(message.conversation_id);
    const mine = conversation?.assigned_user?.id === me().id;
    if (message.direction !== 'inbound' || !mine || seen(message.conversation_id)) return;
    tone();
    const name = conversation.customer.name ?? words.say('customer');
    notify(name, message.text, message.conversation_id, open);
  }
}

/** Alerts from now on; `open` shows a conversation. */
export function startAlerts(open: (id: string) => void): () => void {
  return onFrame((frame) => {
    // What is told late was not missed by a second.
    if (liveState.get() === 'live') alert(frame, open);
  });
}
