/** What somebody has written and not sent: one draft for each conversation, kept in this browser. */

import { me } from '../api/session';
import type { Conversation } from '../api/types';
import { queries } from '../app/queries';
import { forget, recall, remember, remembered } from '../local';
import type { Stored } from '../media/upload';
import type { Pages } from './apply';
import { whole } from './filters';
import type { Pending } from './outbox';
import { keys, known } from './queries';

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

const mine = () => `draft:${me().id}:`;
const key = (conversation: string) => mine() + conversation;

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

/**
 * The caller leaves: what they had begun to write stays for them where they lead, and notes where
 * the conversation goes on. The rest is about customers who are not theirs any more.
 */
export function forgetForeignDrafts(): void {
  const led = queries.getQueryData<Pages<Conversation>>(keys.list(whole('mine')));
  const complete = led !== undefined && led.pages.at(-1)?.next_cursor == null;
  for (const name of remembered(mine())) {
    const id = name.slice(mine().length);
    const conversation = known(id);
    const leads = conversation ? conversation.assigned_user?.id === me().id : !complete;
    const note = readDraft(id).note && conversation !== undefined && conversation.mode !== 'closed';
    if (!leads && !note) forget(name);
  }
}
