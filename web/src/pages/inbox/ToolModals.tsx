import { Button, Checkbox, Group, NavLink, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Dialog } from '../../app/Dialog';
import { PRIORITIES, type Priority } from '../../conversations/filters';
import { useLabels } from '../../conversations/labels';
import { common } from '../../i18n/common';
import { LabelDot } from './LabelDot';
import classes from './ToolModals.module.css';
import { inbox } from './texts';
import { snoozeTimes } from './times';
import { fold } from './triggers';
import { WhenPicker } from './WhenPicker';

/** More labels than this a conversation does not have. */
const MOST_LABELS = 20;

/** Which labels. `chosen` are those that it has. */
export function LabelsModal({
  chosen,
  title,
  onPick,
  onClose,
}: {
  chosen: readonly string[];
  title: string;
  onPick: (labels: string[]) => void;
  onClose: () => void;
}) {
  const t = inbox.useText();
  const word = common.useText();
  const { data: labels = [] } = useLabels();
  const [now, setNow] = useState<string[]>([...chosen]);
  const [q, setQ] = useState('');
  const shown = labels.filter(({ name }) => fold(name).includes(fold(q.trim())));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onClose();
    onPick(now);
  };
  return (
    <Dialog title={title} onClose={onClose} size="sm">
      <form onSubmit={submit}>
        <Stack gap="sm">
          {labels.length === 0 && <Text c="dimmed">{t('noLabels')}</Text>}
          {labels.length > 8 && (
            <TextInput
              aria-label={t('findLabel')}
              placeholder={t('findLabel')}
              value={q}
              onChange={(event) => setQ(event.currentTarget.value)}
            />
          )}
          <Checkbox.Group value={now} onChange={setNow} aria-label={title}>
            <Stack gap="xs" className={classes.choices}>
              {shown.map(({ id, name, colour }) => (
                <Checkbox
                  key={id}
                  value={id}
                  disabled={!now.includes(id) && now.length >= MOST_LABELS}
                  label={
                    <span className={classes.label}>
                      <LabelDot colour={colour} />
                      {name}
                    </span>
                  }
                />
              ))}
            </Stack>
          </Checkbox.Group>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {word('cancel')}
            </Button>
            <Button type="submit" disabled={labels.length === 0}>
              {word('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** Until when. */
export function SnoozeModal({
  onPick,
  onClose,
}: {
  onPick: (until: Date) => void;
  onClose: () => void;
}) {
  const t = inbox.useText();
  return (
    <Dialog title={t('snooze')} onClose={onClose} size="sm">
      <Text size="sm" c="dimmed" mb="xs">
        {t('snoozeHint')}
      </Text>
      <WhenPicker
        times={snoozeTimes}
        verb={t('snoozeDo')}
        refused={(at, now) => (at <= now ? t('pastTime') : null)}
        onPick={(until) => {
          onClose();
          onPick(until);
        }}
      />
    </Dialog>
  );
}

/** How urgent. */
export function PriorityModal({
  now,
  onPick,
  onClose,
}: {
  now: string | null;
  onPick: (priority: Priority) => void;
  onClose: () => void;
}) {
  const t = inbox.useText();
  return (
    <Dialog title={t('priority')} onClose={onClose} size="xs">
      {PRIORITIES.map((one) => (
        <NavLink
          key={one}
          component="button"
          label={t(one)}
          active={one === now}
          aria-current={one === now || undefined}
          onClick={() => {
            onClose();
            onPick(one);
          }}
        />
      ))}
    </Dialog>
  );
}
