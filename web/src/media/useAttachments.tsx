import { Button, CloseButton, Progress, Text } from '@mantine/core';
import { IconFile, IconMicrophone, IconPhoto, IconVideo } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { ApiError } from '../api/errors';
import { reasonOf } from '../api/faults';
import { told } from '../app/notify';
import { common } from '../i18n/common';
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
  /** Why it did not go up; it can be tried again. */
  problem: string | null;
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
  /** What goes up, as long as the server does not have it; and what it is said to be. */
  const chosen = useRef(new Map<string, { file: File; as: Kind | null }>());
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
  const drop = (key: string) => {
    chosen.current.delete(key);
    setAll((now) => {
      const gone = now.find((one) => one.key === key);
      if (gone?.preview) URL.revokeObjectURL(gone.preview);
      return now.filter((one) => one.key !== key);
    });
  };

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
      const { kind, as } = judged;
      const one = { key: newKey(), name: file.name, kind, progress: 0, voice: false };
      const preview = kind === 'image' ? URL.createObjectURL(file) : null;
      setAll((now) => [...now, { ...one, preview, stored: null, problem: null }]);
      chosen.current.set(one.key, { file, as });
      void send(one.key);
    }
  };

  const send = async (key: string) => {
    const waits = chosen.current.get(key);
    if (!waits || running.current.has(key)) return;
    const { file, as } = waits;
    const control = new AbortController();
    running.current.set(key, control);
    patch(key, { problem: null, progress: 0 });
    try {
      const options = { filename: file.name, kind: as, signal: control.signal };
      const done = await upload(file, {
        ...options,
        progress: (progress) => patch(key, { progress }),
      });
      chosen.current.delete(key);
      patch(key, { stored: done, progress: 1, kind: done.kind });
    } catch (error) {
      if (control.signal.aborted) return;
      const why = reasonOf(error);
      if (error instanceof ApiError && error.passing) {
        patch(key, { problem: why });
        return;
      }
      told(words.say('notUploaded', { name: file.name, why }));
      drop(key);
    } finally {
      running.current.delete(key);
    }
  };

  return {
    all,
    uploading: all.some((one) => one.stored === null),
    add,
    retry: (key: string) => void send(key),
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
    problem: null,
    voice: false,
  };
}

const ICONS = { image: IconPhoto, video: IconVideo, audio: IconMicrophone };

/** What goes with the message, and how far it is. */
export function AttachmentChips({
  attachments,
  onRemove,
  onRetry,
}: {
  attachments: readonly Attachment[];
  onRemove: (key: string) => void;
  onRetry: (key: string) => void;
}) {
  const t = words.useText();
  const word = common.useText();
  if (attachments.length === 0) return null;
  return (
    <ul className={classes.attachments} style={{ listStyle: 'none', padding: 0, marginTop: 0 }}>
      {attachments.map(({ key, name, kind, preview, progress, stored, problem }) => {
        const Icon = ICONS[kind as keyof typeof ICONS] ?? IconFile;
        const percent = Math.round(progress * 100);
        return (
          <li
            key={key}
            className={classes.attachment}
            data-failed={problem !== null || undefined}
            data-testid="attachment"
          >
            {preview ? <img src={preview} alt="" /> : <Icon size={18} aria-hidden />}
            <span className={classes.attachmentName}>{name}</span>
            {problem !== null && (
              <>
                <Text role="alert" size="xs" c="red" title={problem} flex="none">
                  {t('notSent')}
                </Text>
                <Button
                  size="compact-xs"
                  variant="light"
                  flex="none"
                  aria-label={t('sendAgain', { name })}
                  onClick={() => onRetry(key)}
                >
                  {word('retry')}
                </Button>
              </>
            )}
            {!stored && problem === null && (
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
