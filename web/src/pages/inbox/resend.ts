/** What did not reach its customer, as what can be sent again. */

import type { Message } from '../../api/types';
import type { Written } from '../../conversations/outbox';
import type { Shared } from '../../conversations/outgoing';
import type { Kind } from '../../media/files';
import type { Filled } from '../../templates/form';

/** A message that goes out once, whoever asks for it how often. */
export const keyOf = ({ id }: Message) => `resend:${id}`;

/** The same once more; `null` where it cannot be sent from here. `seen` is the newest message. */
export function again(message: Message, replyTo: string | null, seen: number): Written | null {
  const lost = message.status === 'failed' || message.status === 'unconfirmed';
  if (!lost || message.sender_type !== 'attendant') return null;
  const { conversation_id: conversation, text, media } = message;
  const written = { key: keyOf(message), conversation, text, note: false, replyTo, seen };
  const content = (message.content ?? {}) as Record<string, unknown>;
  if (message.message_type === 'text') return text ? written : null;
  if (message.message_type === 'template') {
    const filled = filledIn(content);
    if (!filled) return null;
    const { header, footer, buttons } = content;
    const shown = {
      header: typeof header === 'string' ? header : null,
      text,
      footer: typeof footer === 'string' ? footer : null,
      buttons: Array.isArray(buttons) ? buttons : [],
    };
    return { ...written, template: { filled, shown } };
  }
  const shared = sharedIn(content);
  if (shared) return { ...written, shared };
  if (media?.state !== 'stored') return null;
  const { id, mime_type = null, size = null, filename = null } = media;
  const voice = content.voice === true;
  return { ...written, file: { id, kind: media.kind as Kind, mime_type, size, filename, voice } };
}

/** A place or people, as they went. */
function sharedIn(content: Record<string, unknown>): Shared | null {
  const { type, latitude, longitude, name, address } = content;
  if (type === 'location' && typeof latitude === 'number' && typeof longitude === 'number') {
    return {
      type,
      latitude,
      longitude,
      name: typeof name === 'string' ? name : null,
      address: typeof address === 'string' ? address : null,
    };
  }
  const cards = content.contacts ?? content.cards;
  return type === 'contacts' && Array.isArray(cards) ? { type, contacts: cards } : null;
}

interface Part {
  type?: string;
  index?: number;
  parameters?: { text?: string; link?: string; code?: string; name?: string }[];
}

/** A template's values, from how they went to the provider. */
function filledIn(content: Record<string, unknown>): Filled | null {
  const { name, language, components, filled: known } = content;
  // Of what this page has sent itself.
  if (known) return known as Filled;
  if (typeof name !== 'string' || typeof language !== 'string') return null;
  const filled: Filled = { name, language };
  for (const { type, index, parameters = [] } of Array.isArray(components)
    ? (components as Part[])
    : []) {
    const values = parameters.map(({ text, link, code }) => text ?? link ?? code ?? '');
    if (type === 'header') filled.header = values[0];
    else if (type === 'button')
      filled.buttons = { ...filled.buttons, [`${index}`]: values[0] ?? '' };
    else if (parameters.every((one) => one.name)) {
      filled.body = Object.fromEntries(parameters.map((one, at) => [one.name, values[at] ?? '']));
    } else filled.body = values;
  }
  return filled;
}
