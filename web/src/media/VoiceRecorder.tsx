import { ActionIcon, Button, Loader, Text, Tooltip } from '@mantine/core';
import { IconMicrophone, IconSend2, IconTrash } from '@tabler/icons-react';
import { useNow } from '../app/useNow';
import { clock } from '../i18n/format';
import classes from './Media.module.css';
import { media as words } from './texts';
import type { Recording } from './useRecorder';

interface Props {
  recording: Extract<Recording, { state: 'recording' }>;
  onFinish: () => void;
  onCancel: () => void;
}

/** What stands in the field's place while somebody speaks. */
export function VoiceRecorder({ recording, onFinish, onCancel }: Props) {
  const t = words.useText();
  const now = useNow(500);
  return (
    <div className={classes.recording} data-testid="recording">
      <ActionIcon size="lg" aria-label={t('recordCancel')} onClick={onCancel}>
        <IconTrash size={18} aria-hidden />
      </ActionIcon>
      <span className={classes.recordingDot} />
      <Text size="sm" flex={1} role="timer">
        {t('recording', { time: clock((now - recording.since) / 1000) })}
      </Text>
      <Tooltip label={t('recordSend')}>
        <ActionIcon
          size="lg"
          variant="filled"
          color="brand"
          aria-label={t('recordSend')}
          onClick={onFinish}
          autoFocus
          data-testid="send-voice"
        >
          <IconSend2 size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

/** What was spoken and is not sent, until it is or is thrown away. */
export function HeldVoice({
  state,
  problem,
  onSend,
  onDrop,
}: {
  state: 'held' | 'sending' | 'failed';
  problem: string | null;
  onSend: () => void;
  onDrop: () => void;
}) {
  const t = words.useText();
  const sending = state === 'sending';
  const says = () => {
    if (sending) return t('voiceSending');
    return problem === null ? t('voiceHeld') : t('voiceFailed', { why: problem });
  };
  return (
    <div className={classes.recording} data-testid="held-voice" data-state={state}>
      <ActionIcon size="lg" aria-label={t('recordCancel')} onClick={onDrop} disabled={sending}>
        <IconTrash size={18} aria-hidden />
      </ActionIcon>
      {sending && <Loader size={16} aria-hidden />}
      <Text size="sm" flex={1} role={state === 'failed' ? 'alert' : 'status'}>
        {says()}
      </Text>
      {!sending && (
        <Button size="compact-sm" onClick={onSend} data-testid="send-held-voice">
          {t(state === 'failed' ? 'voiceAgain' : 'recordSend')}
        </Button>
      )}
    </div>
  );
}

export function RecordButton({ onStart, disabled }: { onStart: () => void; disabled: boolean }) {
  const t = words.useText();
  return (
    <Tooltip label={t('record')}>
      <ActionIcon
        size="lg"
        aria-label={t('record')}
        disabled={disabled}
        onClick={onStart}
        data-testid="record"
      >
        <IconMicrophone size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
