/** What somebody has written and not sent: one draft for each conversation, kept in this browser. */

import { me } from '../api/session';
import { forget, recall, remember } from '../local';
import type { Stored } from '../media/upload';

export interface Draft {
  text: string;
  note: boolean;
  /** Id of the message that it answers. */
  replyTo: string | null;
  /** Colleagues who were picked for a note; those whose name still stands in it are told. */
  mentions: readonly { id: string; name: string }[];
  /** Files that the server has already. */
  files: readonly Stored[];
}

export const NO_DRAFT: Draft = { text: '', note: false, replyTo: null, mentions: [], files: [] };

const key = (conversation: string) => `draft:${me().id}:${conversation}`;

export function readDraft(conversation: string): Draft {
  return { ...NO_DRAFT, ...recall<Partial<Draft>>(key(conversation), {}) };
}

export function keepDraft(conversation: string, draft: Draft): void {
  const empty = draft.text === '' && draft.replyTo === null && draft.files.length === 0;
  if (empty) forget(key(conversation));
  else remember(key(conversation), draft);
}
