/** What somebody has written and not sent: one draft for each conversation, kept in this browser. */

import { me } from '../api/session';
import { forget, recall, remember } from '../local';

export interface Draft {
  text: string;
  note: boolean;
  /** Id of the message that it answers. */
  replyTo: string | null;
}

export const NO_DRAFT: Draft = { text: '', note: false, replyTo: null };

const key = (conversation: string) => `draft:${me().id}:${conversation}`;

export function readDraft(conversation: string): Draft {
  return { ...NO_DRAFT, ...recall<Partial<Draft>>(key(conversation), {}) };
}

export function keepDraft(conversation: string, draft: Draft): void {
  if (draft.text === '' && draft.replyTo === null) forget(key(conversation));
  else remember(key(conversation), draft);
}
