/** What somebody has written and not sent: one draft for each conversation, kept in this browser. */

import { me } from '../api/session';
import { forget, recall, remember } from '../local';
import type { Stored } from '../media/upload';
import type { Pending } from './outbox';

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

/** The draft with what was to be sent before it; its file is for the page to take back. */
export function takenBack(
  draft: Draft,
  { text, note, replyTo, mentions = [] }: Pending,
  nameOf: (user: string) => string | null,
): Draft {
  const named = mentions.flatMap((id) => {
    const name = nameOf(id);
    return name ? [{ id, name }] : [];
  });
  return {
    ...draft,
    text: [text, draft.text].filter(Boolean).join('\n'),
    // Words for colleagues must not become a part of an answer.
    note: note || (draft.note && draft.text !== ''),
    replyTo: replyTo ?? draft.replyTo,
    mentions: [...named, ...draft.mentions],
  };
}
