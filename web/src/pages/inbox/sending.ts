/** What is written becomes messages. */

import type { Draft } from '../../conversations/drafts';
import { post, type Written } from '../../conversations/outbox';
import type { Attachment } from '../../media/attachments';
import { mentionedIn } from './triggers';

interface About {
  conversation: string;
  note: boolean;
  /** The message that it answers. */
  replyTo: string | null;
  /** The newest message that its writer has before their eyes. */
  seen: number;
}

/** Sends what was written and its files, each as a message of its own. */
export function sendDraft(
  { conversation, note, replyTo, seen }: About,
  draft: Draft,
  files: readonly Attachment[],
): void {
  const mentions = note ? mentionedIn(draft.text, draft.mentions) : [];
  const words = draft.text.trim();
  const about = { conversation, note, replyTo, seen };
  // The words stand under the first file that can have some, else after all of them.
  const titled = files.findIndex(({ kind }) => kind !== 'audio' && kind !== 'sticker');
  const all: Written[] = files.flatMap(({ stored, voice }, at) =>
    stored ? { ...about, text: at === titled ? words : '', file: { ...stored, voice } } : [],
  );
  if (titled < 0 && words) all.push({ ...about, text: words, mentions });
  post(...all);
}
