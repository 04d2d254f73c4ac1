import {
  Alert,
  Button,
  Group,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconCalendarTime } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { ApiError } from '../../api/errors';
import { reasonOf } from '../../api/faults';
import { me } from '../../api/session';
import { Dialog } from '../../app/Dialog';
import { EmptyState } from '../../app/EmptyState';
import { Loaded } from '../../app/Loaded';
import { MoreRows } from '../../app/MoreRows';
import { failed, told } from '../../app/notify';
import {
  cancelScheduled,
  reschedule,
  type Scheduled,
  type ScheduledOf,
  type ScheduledState,
  useScheduled,
} from '../../conversations/scheduled';
import { common } from '../../i18n/common';
import { moment } from '../../i18n/format';
import classes from './Composer.module.css';
import { failureWords } from './failures';
import { inbox } from './texts';
import { DAYS_MAX, fieldOf, isAhead, timeIn } from './times';

const STATES = ['scheduled', 'failed'] as const;

/** What is said later, in a conversation or by the caller; and what could not be said. */
export function ScheduledModal({
  of,
  state,
  onState,
  onClose,
}: {
  of: ScheduledOf;
  state: ScheduledState;
  onState: (state: ScheduledState) => void;
  onClose: () => void;
}) {
  const t = inbox.useText();
  const query = useScheduled(of, state);
  const [editing, setEditing] = useState<string | null>(null);
  return (
    <Dialog title={t(of === 'mine' ? 'scheduledMine' : 'scheduledHere')} onClose={onClose}>
      <Stack gap="sm">
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={t('scheduledWhich')}
          data={STATES.map((value) => ({ value, label: t(`state_${value}`) }))}
          value={state}
          onChange={(value) => onState(value === 'failed' ? 'failed' : 'scheduled')}
        />
        <Loaded query={query} rows={3} height={64}>
          {() =>
            query.rows.length === 0 ? (
              <EmptyState icon={IconCalendarTime} title={t(`none_${state}`)}>
                {t(`noneHint_${state}`)}
              </EmptyState>
            ) : (
              <ul className={classes.laterList}>
                {query.rows.map((one) => (
                  <li key={one.id} className={classes.later} data-testid="scheduled">
                    {editing === one.id ? (
                      <Edit message={one} onDone={() => setEditing(null)} />
                    ) : (
                      <Item
                        message={one}
                        named={of === 'mine'}
                        onEdit={() => setEditing(one.id)}
                        onClose={onClose}
                      />
                    )}
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        <MoreRows query={query} />
      </Stack>
    </Dialog>
  );
}

function Item({
  message,
  named,
  onEdit,
  onClose,
}: {
  message: Scheduled;
  /** Whether it says to whom it goes. */
  named: boolean;
  onEdit: () => void;
  onClose: () => void;
}) {
  const t = inbox.useText();
  const word = common.useText();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const { id, author, send_at, state, text, failure, customer_name, conversation_id } = message;
  const mine = author.id === me().id;
  const waits = state === 'scheduled';
  const at = moment(send_at);
  const cancel = () => {
    setBusy(true);
    cancelScheduled(id)
      .then(() => told(t('scheduleCancelled')), ended)
      .finally(() => setBusy(false));
  };
  return (
    <>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="sm" fw={600}>
          <time dateTime={send_at}>{at}</time>
        </Text>
        {(named || !mine) && (
          <Text size="xs" c="dimmed" truncate>
            {named ? (customer_name ?? t('customer')) : t('byAuthor', { name: author.name ?? '' })}
          </Text>
        )}
      </Group>
      <Text className={classes.laterWords} mt={4} mb={4}>
        {text || t('template')}
      </Text>
      {failure && (
        <Text size="sm" c="red">
          {failureWords(failure)}
        </Text>
      )}
      <Group gap="xs">
        {waits && mine && (
          <Button
            size="compact-xs"
            variant="light"
            aria-label={t('changeOf', { at })}
            onClick={onEdit}
          >
            {word('edit')}
          </Button>
        )}
        {waits && (mine || me().role !== 'attendant') && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="red"
            loading={busy}
            aria-label={t('cancelOf', { at })}
            onClick={cancel}
          >
            {t('scheduleCancel')}
          </Button>
        )}
        {named && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            onClick={() => {
              onClose();
              void navigate(`/inbox/${conversation_id}`);
            }}
          >
            {t('lookAtIt')}
          </Button>
        )}
      </Group>
    </>
  );
}

/** Somebody was faster, or its time has come. */
function ended(error: unknown): void {
  if (error instanceof ApiError && error.status === 409) told(inbox.say('scheduleEnded'));
  else failed(error);
}

/** Other words, or another time. What a template says stays. */
function Edit({ message, onDone }: { message: Scheduled; onDone: () => void }) {
  const t = inbox.useText();
  const word = common.useText();
  const before = message.text ?? '';
  const [text, setText] = useState(before);
  const [own, setOwn] = useState(() => fieldOf(new Date(message.send_at)));
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<string | null>(null);
  const content = message.content as { type?: unknown } | null | undefined;
  const written = content?.type === 'text';
  const at = timeIn(own);
  const moves = own !== fieldOf(new Date(message.send_at));
  const late = moves && at !== null && !isAhead(at, new Date());
  const fits = text.trim() !== '' && at !== null && !late;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!fits || busy) return;
    const words = written && text.trim() !== before ? text.trim() : null;
    if (words === null && !moves) return onDone();
    setBusy(true);
    setWhy(null);
    try {
      await reschedule(message, moves ? at : null, words);
      told(t('scheduledFor', { at: moment(at.toISOString()) }));
      onDone();
    } catch (error) {
      setBusy(false);
      if (error instanceof ApiError && error.status === 409) {
        ended(error);
        onDone();
      } else setWhy(reasonOf(error));
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="xs">
        {written ? (
          <Textarea
            label={t('scheduledWords')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autosize
            minRows={2}
            maxRows={8}
            maxLength={4096}
            autoFocus
          />
        ) : (
          <Text className={classes.laterWords}>{before || t('template')}</Text>
        )}
        <TextInput
          type="datetime-local"
          label={t('scheduledTime')}
          value={own}
          error={late && t('aheadTime', { days: DAYS_MAX })}
          onChange={(event) => setOwn(event.currentTarget.value)}
        />
        {why && (
          <Alert color="red" role="alert">
            {why}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button size="compact-sm" variant="default" onClick={onDone}>
            {word('cancel')}
          </Button>
          <Button size="compact-sm" type="submit" loading={busy} disabled={!fits}>
            {word('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
