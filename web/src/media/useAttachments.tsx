import { Button, CloseButton, Progress, Text } from '@mantine/core';
import { IconFile, IconMicrophone, IconPhoto, IconVideo } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { common } from '../i18n/common';
import { useStore } from '../store';
import {
  type Attachment,
  attach,
  attachedTo,
  attachments,
  close,
  detach,
  detachAll,
  open,
  restore,
  retry,
} from './attachments';
import classes from './Media.module.css';
import { media as words } from './texts';
import type { Stored } from './upload';

/**
 * Files that go with what is written in a conversation. What the server has is `kept` with the draft,
 * and comes back with it.
 */
export function useAttachments(
  conversation: string,
  kept: readonly Stored[],
  keep: (stored: Stored[]) => void,
) {
  // They are there at once: without them the draft would lose its own.
  useState(() => open(conversation, kept));
  const all = useStore(attachments, (now) => attachedTo(now, conversation));
  const latest = useRef({ kept, keep });
  useEffect(() => {
    latest.current = { kept, keep };
  });
  useEffect(() => {
    const name = open(conversation, latest.current.kept);
    return () => close(name);
  }, [conversation]);
  const stored = all.flatMap((one) => one.stored ?? []);
  const names = stored.map(({ id }) => id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: those of these names.
  useEffect(() => latest.current.keep(stored), [names]);

  return {
    all,
    uploading: all.some((one) => one.stored === null),
    add: (files: readonly File[]) => attach(conversation, files),
    retry: (key: string) => retry(conversation, key),
    remove: (key: string) => detach(conversation, key),
    restore: (files: readonly Stored[]) => restore(conversation, files),
    clear: () => detachAll(conversation),
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
