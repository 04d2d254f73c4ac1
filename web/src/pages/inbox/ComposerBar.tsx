import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core';
import { IconClock, IconNote, IconSend2, IconTemplate } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { preferences } from '../../preferences';
import { useStore } from '../../store';
import { AttachMenu } from './AttachMenu';
import classes from './Composer.module.css';
import { inbox } from './texts';

/** How much is left is said from here on; characters. */
const WARN = 300;

interface Props {
  note: boolean;
  onNote: () => void;
  /** Takes files; without it, none can be added now. */
  onFiles: ((files: FileList | null) => void) | null;
  /** Sends a place or people. */
  onShare: (what: 'location' | 'contacts') => void;
  /** The button that records. */
  record: ReactNode;
  /** Chooses a template, for those who may. */
  onTemplate: (() => void) | null;
  /** Sends it at another time; without it, there is nothing that could wait. */
  onLater: (() => void) | null;
  /** Characters. */
  left: number;
  /** Without it, nothing can be sent now. */
  onSend: (() => void) | null;
}

/** What stands below the field. */
export function ComposerBar({
  note,
  onNote,
  onFiles,
  onShare,
  record,
  onTemplate,
  onLater,
  left,
  onSend,
}: Props) {
  const t = inbox.useText();
  const { enterSends } = useStore(preferences);
  return (
    <Group justify="space-between" gap="xs" mt={6} wrap="nowrap">
      <Group gap={6} wrap="nowrap">
        <Button
          size="compact-sm"
          variant={note ? 'filled' : 'subtle'}
          color={note ? 'yellow' : 'gray'}
          aria-pressed={note}
          aria-label={t('note')}
          leftSection={<IconNote size={16} aria-hidden />}
          classNames={{ root: classes.note, section: classes.noteIcon }}
          onClick={onNote}
        >
          <span className={classes.noteWord}>{t('note')}</span>
        </Button>
        <AttachMenu onFiles={onFiles} onShare={onShare} />
        {record}
        {onTemplate && (
          <Tooltip label={t('useTemplate')}>
            <ActionIcon
              size="lg"
              aria-label={t('useTemplate')}
              onClick={onTemplate}
              aria-keyshortcuts="M"
              data-testid="template-button"
            >
              <IconTemplate size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        {left < WARN && (
          <Text size="xs" c={left < 0 ? 'red' : 'dimmed'}>
            {t('left', { count: left })}
          </Text>
        )}
      </Group>
      <Group gap={6} wrap="nowrap">
        {!note && (
          <Tooltip label={t('sendLaterHint')}>
            <ActionIcon
              size="lg"
              aria-label={t('sendLater')}
              disabled={!onLater}
              onClick={() => onLater?.()}
              aria-keyshortcuts="Control+Shift+Enter"
              data-testid="send-later"
            >
              <IconClock size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <Tooltip label={t(enterSends ? 'sendHint' : 'sendHintCtrl')}>
          <ActionIcon
            size="lg"
            variant="filled"
            color={note ? 'yellow' : 'brand'}
            aria-label={t('send')}
            disabled={!onSend}
            onClick={() => onSend?.()}
            data-testid="send-button"
          >
            <IconSend2 size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}
