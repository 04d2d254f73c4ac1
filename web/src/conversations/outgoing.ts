/** What is on its way, as the server is told it, and as it stands among the messages. */

import { answer, api } from '../api/client';
import type { components } from '../api/schema';
import { me } from '../api/session';
import type { Message } from '../api/types';
import type { Filled } from '../templates/form';
import type { Pending } from './outbox';

/** Asks the server to take it; gives the message's place. */
export function request(pending: Pending) {
  const { key, conversation, text, note, replyTo, seen, mentions } = pending;
  const params = { path: { id: conversation }, header: { 'Idempotency-Key': key } };
  if (note) {
    const body = { note: text, mentions: [...(mentions ?? [])] };
    return answer(api.POST('/api/v1/conversations/{id}/notes', { params, body }));
  }
  const body = { ...contentOf(pending), reply_to: replyTo, expected_seq: seen ?? undefined };
  return answer(api.POST('/api/v1/conversations/{id}/messages', { params, body }));
}

type Outgoing = components['schemas']['Outgoing'];
export type Place = Extract<Outgoing, { type: 'location' }>;
export type Cards = Extract<Outgoing, { type: 'contacts' }>;
export type Shared = Place | Cards;

function contentOf({ text, file, template, shared }: Pending): Outgoing {
  if (shared) return shared;
  if (template) return { type: 'template', template: wire(template.filled) };
  if (!file) return { type: 'text', body: text, preview_url: /https?:\/\//.test(text) };
  const media_id = file.id;
  switch (file.kind) {
    case 'audio':
      return { type: 'audio', media_id, voice: file.voice };
    case 'sticker':
      return { type: 'sticker', media_id };
    default:
      return { type: file.kind, media_id, caption: text || undefined };
  }
}

/** The API's description leaves open what goes into the gaps. */
export function wire(filled: Filled): components['schemas']['OutgoingTemplate'] {
  return filled as unknown as components['schemas']['OutgoingTemplate'];
}

/** What kind of message it is, and what it holds. */
function shapeOf({ note, file, template, shared, text }: Pending): {
  type: string;
  [key: string]: unknown;
} {
  if (note) return { type: 'note', body: text };
  if (shared) return { ...shared };
  if (template) {
    const { name, language } = template.filled;
    return { type: 'template', name, language, filled: template.filled, ...template.shown };
  }
  return file ? { type: file.kind, voice: file.voice } : { type: 'text', body: text };
}

/** The message that it has become. `quoted` is what it answers, by the provider's name. */
export function written(
  pending: Pending,
  { id, seq }: { id: string; seq: number },
  quoted: string | null,
): Message {
  const { id: sender_user_id, full_name: sender_name } = me();
  const { text, note, conversation, file } = pending;
  const content = shapeOf(pending);
  return {
    id,
    conversation_id: conversation,
    seq,
    direction: note ? 'internal' : 'outbound',
    sender_type: 'attendant',
    sender_user_id,
    sender_name,
    message_type: content.type,
    text,
    content: content as unknown as Message['content'],
    media: file
      ? {
          ...file,
          conversation_id: conversation,
          message_id: id,
          state: 'stored',
          error: null,
          created_at: pending.at,
        }
      : null,
    external_id: null,
    quoted,
    context: null,
    sent_at: pending.at,
    late: false,
    status: note ? null : 'queued',
    error: null,
    created_at: pending.at,
  };
}
