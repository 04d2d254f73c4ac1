/** Writing to somebody first, by their phone number. */

import { answer, api } from '../../api/client';
import type { components } from '../../api/schema';
import { wire } from '../../conversations/outgoing';
import { newKey } from '../../local';
import type { Filled } from '../../templates/form';

export interface Begin {
  channel: string;
  /** As it was typed: the server knows how numbers are written. */
  phone: string;
  name: string;
  template: Filled;
}

type Body = components['schemas']['StartConversation'];

/** Starts conversations; the same again has the same key, so that nobody is written to twice. */
export function starter() {
  let last = { asked: '', key: '' };
  return async ({ channel, phone, name, template }: Begin) => {
    const body: Body = {
      channel_id: channel,
      phone: phone.trim(),
      name: name.trim() || undefined,
      template: wire(template),
    };
    const asked = JSON.stringify(body);
    if (asked !== last.asked) last = { asked, key: newKey() };
    const params = { header: { 'Idempotency-Key': last.key } };
    return answer(api.POST('/api/v1/conversations', { params, body }));
  };
}

/** The conversation with a phone number, if the caller sees it. */
export async function conversationWith(phone: string, channel: string): Promise<string | null> {
  const query = { q: phone.replace(/\D/g, ''), channel, limit: 1 };
  const { data } = await answer(api.GET('/api/v1/conversations', { params: { query } }));
  return data[0]?.id ?? null;
}
