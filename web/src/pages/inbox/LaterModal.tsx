import { Alert, Text } from '@mantine/core';
import { useRef, useState } from 'react';
import { reasonOf } from '../../api/faults';
import type { Conversation } from '../../api/types';
import { Dialog } from '../../app/Dialog';
import { told } from '../../app/notify';
import { type Later, schedule } from '../../conversations/scheduled';
import { moment } from '../../i18n/format';
import { newKey } from '../../local';
import classes from './Composer.module.css';
import { inbox } from './texts';
import { DAYS_MAX, isAhead, laterTimes } from './times';
import { WhenPicker } from './WhenPicker';

/** When something is said. */
export function LaterModal({
  conversation,
  later,
  words,
  onDone,
  onClose,
}: {
  conversation: Conversation;
  later: Later;
  /** What the customer reads then. */
  words: string;
  /** It waits for its time. */
  onDone: () => void;
  onClose: () => void;
}) {
  const t = inbox.useText();
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<string | null>(null);
  const tried = useRef({ at: '', key: '' });
  const pick = async (at: Date) => {
    if (busy) return;
    setBusy(true);
    setWhy(null);
    try {
      // A second try for the same time may be the first one's, whose answer was lost.
      if (tried.current.at !== at.toISOString()) {
        tried.current = { at: at.toISOString(), key: newKey() };
      }
      await schedule(conversation.id, at, later, tried.current.key);
      told(t('scheduledFor', { at: moment(at.toISOString()) }));
      onDone();
    } catch (error) {
      setWhy(reasonOf(error));
      setBusy(false);
    }
  };
  const closes = conversation.window_closes_at;
  return (
    <Dialog title={t('sendLater')} onClose={onClose} size="sm">
      <Text className={classes.laterWords}>{words}</Text>
      <Text size="sm" c="dimmed" mb="xs">
        {t('laterHint')}
        {'text' in later && closes && ` ${t('laterWindow', { at: moment(closes) })}`}
      </Text>
      <WhenPicker
        times={laterTimes}
        verb={t('scheduleDo')}
        refused={(at, now) => (isAhead(at, now) ? null : t('aheadTime', { days: DAYS_MAX }))}
        busy={busy}
        onPick={(at) => void pick(at)}
      />
      {why && (
        <Alert color="red" role="alert" mt="sm">
          {why}
        </Alert>
      )}
    </Dialog>
  );
}
