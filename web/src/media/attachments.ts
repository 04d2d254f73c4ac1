/**
 * Files that go with what is being written. They go up as soon as they are chosen, and on while their
 * writer looks elsewhere: then what the server has is kept with the draft.
 */

import { ApiError } from '../api/errors';
import { reasonOf } from '../api/faults';
import { me, session } from '../api/session';
import { told } from '../app/notify';
import { keepDraft, readDraft } from '../conversations/drafts';
import { newKey } from '../local';
import { createStore } from '../store';
import { judge, type Kind, MOST_FILES } from './files';
import { media as words } from './texts';
import { type Stored, upload } from './upload';

/** A file that goes with what is being written. */
export interface Attachment {
  key: string;
  name: string;
  kind: Kind;
  /** Of a picture, as long as the page is there. */
  preview: string | null;
  /** 0 to 1. */
  progress: number;
  stored: Stored | null;
  /** Why it did not go up; it can be tried again. */
  problem: string | null;
  /** Recorded here. */
  voice: boolean;
}

/** Of each conversation and who writes in it. */
export const attachments = createStore<Readonly<Record<string, readonly Attachment[]>>>({});

/** Conversations whose writer has them before their eyes. */
const seen = new Set<string>();
const running = new Map<string, AbortController>();
/** What goes up, as long as the server does not have it; and what it is said to be. */
const chosen = new Map<string, { file: File; as: Kind | null }>();

const nameOf = (conversation: string) => `${me().id} ${conversation}`;

/** What whoever is logged in has attached there. */
export function attachedTo(
  all: Readonly<Record<string, readonly Attachment[]>>,
  conversation: string,
): readonly Attachment[] {
  if (session.get().state !== 'in') return NONE;
  return all[nameOf(conversation)] ?? NONE;
}
const NONE: readonly Attachment[] = [];

function change(name: string, next: (now: readonly Attachment[]) => readonly Attachment[]): void {
  attachments.set((now) => {
    const { [name]: mine = NONE, ...others } = now;
    const changed = next(mine);
    if (changed === mine) return now;
    return changed.length > 0 ? { ...others, [name]: changed } : others;
  });
}

function drop(name: string, key: string): void {
  chosen.delete(key);
  change(name, (now) => {
    const gone = now.find((one) => one.key === key);
    if (!gone) return now;
    if (gone.preview) URL.revokeObjectURL(gone.preview);
    return now.filter((one) => one !== gone);
  });
}

/** Its writer looks at the conversation, with what was kept of it; what to {@link close} later. */
export function open(conversation: string, kept: readonly Stored[]): string {
  const name = nameOf(conversation);
  seen.add(name);
  // What is still going up knows of the others, too.
  change(name, (now) => (now.length > 0 || kept.length === 0 ? now : kept.map(fromStored)));
  return name;
}

/** Its writer looks elsewhere. */
export function close(name: string): void {
  seen.delete(name);
  settle(name);
}

/** What is all up, and nobody looks at, stands in the draft alone. */
function settle(name: string): void {
  const all = attachments.get()[name] ?? NONE;
  if (seen.has(name) || all.some(({ stored }) => stored === null)) return;
  for (const { key } of all) drop(name, key);
}

/** Takes files in, and sends them up. */
export function attach(conversation: string, files: readonly File[]): void {
  const already = attachedTo(attachments.get(), conversation).length;
  if (already + files.length > MOST_FILES) {
    told(words.say('tooMany', { count: MOST_FILES }));
    return;
  }
  for (const file of files) {
    const judged = judge(file);
    if ('refused' in judged) {
      told(words.say(judged.refused, { name: file.name }));
      continue;
    }
    if (judged.as) told(words.say('asDocument', { name: file.name }));
    const { kind, as } = judged;
    const preview = kind === 'image' ? URL.createObjectURL(file) : null;
    const one = { key: newKey(), name: file.name, kind, preview, progress: 0, voice: false };
    change(nameOf(conversation), (now) => [...now, { ...one, stored: null, problem: null }]);
    chosen.set(one.key, { file, as });
    void send(conversation, one.key);
  }
}

/** Sends up what did not go up before. */
export function retry(conversation: string, key: string): void {
  void send(conversation, key);
}

async function send(conversation: string, key: string): Promise<void> {
  const waits = chosen.get(key);
  if (!waits || running.has(key)) return;
  const { file, as } = waits;
  const name = nameOf(conversation);
  const patch = (news: Partial<Attachment>) =>
    change(name, (now) => now.map((one) => (one.key === key ? { ...one, ...news } : one)));
  patch({ problem: null, progress: 0 });
  const control = new AbortController();
  running.set(key, control);
  try {
    const stored = await upload(file, {
      filename: file.name,
      kind: as,
      signal: control.signal,
      progress: (progress) => patch({ progress }),
    });
    chosen.delete(key);
    patch({ stored, progress: 1, kind: stored.kind });
    if (!seen.has(name)) keepInDraft(conversation, name);
  } catch (error) {
    const why = reasonOf(error);
    if (!control.signal.aborted && error instanceof ApiError && error.passing) {
      patch({ problem: why });
      return;
    }
    if (!control.signal.aborted) told(words.say('notUploaded', { name: file.name, why }));
    drop(name, key);
  } finally {
    running.delete(key);
    settle(name);
  }
}

function keepInDraft(conversation: string, name: string): void {
  const all = attachments.get()[name] ?? NONE;
  const files = all.flatMap(({ stored }) => stored ?? []);
  keepDraft(conversation, { ...readDraft(conversation), files });
}

/** Takes one away, wherever it is. */
export function detach(conversation: string, key: string): void {
  running.get(key)?.abort();
  drop(nameOf(conversation), key);
}

/** They were sent. */
export function detachAll(conversation: string): void {
  for (const { key } of attachedTo(attachments.get(), conversation)) detach(conversation, key);
}

/** Takes back what the server has already. */
export function restore(conversation: string, stored: readonly Stored[]): void {
  change(nameOf(conversation), (now) => [
    ...now,
    ...stored.filter(({ id }) => !now.some((one) => one.stored?.id === id)).map(fromStored),
  ]);
}

function fromStored(stored: Stored): Attachment {
  const name = stored.filename ?? words.say('file');
  const { id: key, kind } = stored;
  return { key, name, kind, preview: null, progress: 1, stored, problem: null, voice: false };
}

// Whoever leaves takes what is going up along.
session.subscribe(() => {
  if (session.get().state !== 'out') return;
  for (const control of running.values()) control.abort();
});
