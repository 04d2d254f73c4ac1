import { CloseButton, Progress } from '@mantine/core';
import { IconFile, IconMicrophone, IconPhoto, IconVideo } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { reasonOf } from '../api/faults';
import { told } from '../app/notify';
import { newKey } from '../local';
import { judge, type Kind, MOST_FILES } from './files';
import classes from './Media.module.css';
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
  /** Recorded here. */
  voice: boolean;
}

/**
 * Files go up as soon as they are chosen. What the server has is `kept` with the draft, and comes
 * back with it.
 */
export function useAttachments(kept: readonly Stored[], keep: (stored: Stored[]) => void) {
  const [all, setAll] = useState<Attachment[]>(() => kept.map(fromStored));
  const running = useRef(new Map<string, AbortController>());
  const latest = useRef(keep);
  useEffect(() => {
    latest.current = keep;
  });
  const stored = all.flatMap((one) => one.stored ?? []);
  const names = stored.map(({ id }) => id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: those of these names.
  useEffect(() => latest.current(stored), [names]);
  useEffect(() => {
    const { current } = running;
    return () => {
      for (const one of current.values()) one.abort();
    };
  }, []);

  const patch = (key: string, change: Partial<Attachment>) =>
    setAll((now) => now.map((one) => (one.key === key ? { ...one, ...change } : one)));
  const drop = (key: string) =>
    setAll((now) => {
      const gone = now.find((one) => one.key === key);
      if (gone?.preview) URL.revokeObjectURL(gone.preview);
      return now.filter((one) => one.key !== key);
    });

  const add = (files: readonly File[], already = all.length) => {
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
      void send(file, judged.kind, judged.as);
    }
  };

  const send = async (file: File, kind: Kind, as: Kind | null) => {
    const key = newKey();
    const preview = kind === 'image' ? URL.createObjectURL(file) : null;
    const { name } = file;
    setAll((now) => [
      ...now,
      { key, name, kind, preview, progress: 0, stored: null, voice: false },
    ]);
    const control = new AbortController();
    running.current.set(key, control);
    try {
      const options = { filename: name, kind: as, signal: control.signal };
      const done = await upload(file, {
        ...options,
        progress: (progress) => patch(key, { progress }),
      });
      patch(key, { stored: done, progress: 1, kind: done.kind });
    } catch (error) {
      if (!control.signal.aborted) {
        told(words.say('notUploaded', { name, why: reasonOf(error) }));
      }
      drop(key);
    } finally {
      running.current.delete(key);
    }
  };

  return {
    all,
    uploading: all.some((one) => one.stored === null),
    add,
    remove: (key: string) => {
      running.current.get(key)?.abort();
      drop(key);
    },
    /** Takes back what the server has already. */
    restore: (stored: readonly Stored[]) =>
      setAll((now) => [
        ...now,
        ...stored.filter(({ id }) => !now.some((one) => one.stored?.id === id)).map(fromStored),
      ]),
    clear: () => {
      for (const { key } of all) drop(key);
    },
  };
}

function fromStored(stored: Stored): Attachment {
  const name = stored.filename ?? words.say('file');
  return {
    key: stored.id,
    name,
    kind: stored.kind,
    preview: null,
    progress: 1,
    stored,
    voice: false,
  };
}

const ICONS = { image: IconPhoto, video: IconVideo, audio: IconMicrophone };

/** What goes with the message, and how far it is. */
export function AttachmentChips({
  attachments,
  onRemove,
}: {
  attachments: readonly Attachment[];
  onRemove: (key: string) => void;
}) {
  const t = words.useText();
  if (attachments.length === 0) return null;
  return (
    <ul className={classes.attachments} style={{ listStyle: 'none', padding: 0, marginTop: 0 }}>
      {attachments.map(({ key, name, kind, preview, progress, stored }) => {
        const Icon = ICONS[kind as keyof typeof ICONS] ?? IconFile;
        const percent = Math.round(progress * 100);
        return (
          <li key={key} className={classes.attachment} data-testid="attachment">
            {preview ? <img src={preview} alt="" /> : <Icon size={18} aria-hidden />}
            <span className={classes.attachmentName}>{name}</span>
            {!stored && (
              <Progress
                w={60}
                size="sm"
                value={percent}
                aria-label={`${t('uploading', { name })}: ${t('percent', { percent })}`}
              />
            )}
            <CloseButton
              size="sm"
              aria-label={t('remove', { name })}
              onClick={() => onRemove(key)}
            />
          </li>
        );
      })}
    </ul>
  );
}
