/** Tells somebody who looks elsewhere that they are needed: a tone, a notification. */

import { notifications } from '@mantine/notifications';
import { me } from '../api/session';
import { told } from '../app/notify';
import { texts } from '../i18n/texts';
import type { EventFrame, HandoffNew, HandoffOffered, NewMessage, Notified } from '../live/frames';
import { liveState, onFrame } from '../live/live';
import { prefer, preferences } from '../preferences';
import { type Given, watchGiven } from './given';
import { nameOf } from './names';
import { known } from './queries';

const words = texts(
  'alerts',
  {
    handoff: 'Novo pedido de atendimento',
    offer: 'Um atendimento para você',
    given: '{{name}} passou uma conversa para você',
    givenMany: 'Você recebeu {{count}} conversas',
    customer: 'Cliente',
    mentioned: '{{name}} mencionou você',
    notified: 'Você tem um novo aviso',
    notSent: 'Uma mensagem programada não foi enviada',
    colleague: 'Um colega',
    open: 'Toque para abrir',
    denied: 'O navegador não permite avisos deste site. Libere-os nas configurações do navegador.',
  },
  {
    handoff: 'Somebody asks for a person',
    offer: 'A request for you',
    given: '{{name}} gave you a conversation',
    givenMany: 'You were given {{count}} conversations',
    customer: 'Customer',
    mentioned: '{{name}} mentioned you',
    notified: 'There is something new for you',
    notSent: 'A scheduled message was not sent',
    colleague: 'A colleague',
    open: 'Touch to open',
    denied: 'The browser does not let this site notify. Allow it in the browser’s settings.',
  },
);

/** Tones closer to each other are one; milliseconds. */
const APART = 2_000;
let lastTone = 0;

type Notes = readonly (readonly [pitch: number, begins: number])[];
/** Two short notes: something is new. */
const NEWS: Notes = [
  [660, 0],
  [880, 0.12],
];
/** Somebody is asked for an answer. */
const RING: Notes = [
  [784, 0],
  [988, 0.14],
  [784, 0.28],
  [988, 0.42],
];

/** Made here: there is no file to wait for. */
function tone(notes: Notes = NEWS): void {
  const now = Date.now();
  if (!preferences.get().sound || now - lastTone < APART) return;
  lastTone = now;
  try {
    const audio = new AudioContext();
    const volume = audio.createGain();
    volume.gain.value = 0.06;
    volume.connect(audio.destination);
    for (const [pitch, begins] of notes) {
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

/** A ring, for somebody who is asked to take a request. */
export function ring(): void {
  tone(RING);
}

/** Notifications of the desktop, if the browser may show them. */
export async function askForDesktop(wanted: boolean): Promise<void> {
  const given = wanted && 'Notification' in window && (await Notification.requestPermission());
  prefer({ desktop: given === 'granted' });
  if (wanted && given !== 'granted') told(words.say('denied'));
}

type Open = (conversation: string, seq?: number | null) => void;

function notify(
  title: string,
  body: string,
  conversation: string,
  open: Open,
  seq?: number | null,
) {
  const wanted = preferences.get().desktop && document.visibilityState === 'hidden';
  if (!wanted || !('Notification' in window) || Notification.permission !== 'granted') return;
  const shown = new Notification(title, { body, tag: conversation, icon: '/icon.svg' });
  shown.onclick = () => {
    window.focus();
    open(conversation, seq);
    shown.close();
  };
}

/** Whether somebody has the conversation before their eyes. */
function seen(conversation: string): boolean {
  return document.hasFocus() && location.pathname === `/inbox/${conversation}`;
}

function alert(frame: EventFrame, open: Open): void {
  if (frame.event === 'handoff:new') {
    const { conversation_id: id } = frame.payload as HandoffNew;
    tone();
    notify(words.say('handoff'), known(id)?.customer.name ?? '', id, open);
  }
  if (frame.event === 'handoff:offered') {
    const { conversation_id: id, user_id } = frame.payload as HandoffOffered;
    if (user_id === me().id) notify(words.say('offer'), known(id)?.customer.name ?? '', id, open);
  }
  if (frame.event === 'notification:new') {
    const { kind, conversation_id: id, by_user_id: by, message_seq } = frame.payload as Notified;
    const name = (by && nameOf(by)) || words.say('colleague');
    const other = kind === 'scheduled_failed' ? 'notSent' : 'notified';
    const title = kind === 'mention' ? words.say('mentioned', { name }) : words.say(other);
    const customer = known(id)?.customer.name ?? '';
    tone();
    notify(title, customer, id, open, message_seq);
    show(title, customer, () => open(id, message_seq));
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

function show(title: string, message: string, onClick: () => void): void {
  notifications.show({
    title,
    message: message || words.say('open'),
    onClick,
    style: { cursor: 'pointer' },
    autoClose: 8000,
  });
}

/** Somebody else says that the caller leads. */
function given({ conversation, count, by, customer, why }: Given, open: Open): void {
  const name = by ?? words.say('colleague');
  const title = count > 1 ? words.say('givenMany', { count }) : words.say('given', { name });
  const about = count > 1 ? '' : [customer, why].filter(Boolean).join(': ');
  tone();
  notify(title, about, conversation, open);
  show(title, about, () => open(conversation));
}

/** Alerts from now on; `open` shows a conversation. */
export function startAlerts(open: Open): () => void {
  const watch = watchGiven((one) => given(one, open));
  return onFrame((frame) => {
    // What is told late was not missed by a second.
    if (liveState.get() !== 'live') return;
    alert(frame, open);
    watch(frame);
  });
}
