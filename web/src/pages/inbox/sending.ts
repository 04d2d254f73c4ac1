/** What is written becomes messages. */

import { failed } from '../../app/notify';
import type { Draft } from '../../conversations/drafts';
import { post, type Written } from '../../conversations/outbox';
import { upload } from '../../media/upload';
import type { Attachment } from '../../media/useAttachments';
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

/** A voice message goes at once: whoever has spoken has nothing more to write. */
export async function sendVoice(about: Omit<About, 'note'>, voice: Blob): Promise<boolean> {
  const options = { filename: 'voz.ogg', kind: 'audio' as const, progress: () => {} };
  const signal = new AbortController().signal;
  try {
    const stored = await upload(voice, { ...options, signal });
    post({ ...about, text: '', note: false, file: { ...stored, voice: true } });
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}
