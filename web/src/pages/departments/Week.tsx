import { ActionIcon, Menu, Stack, Switch, Text } from '@mantine/core';
import { TimeInput } from '@mantine/dates';
import { IconCopy, IconPlus, IconTrash } from '@tabler/icons-react';
import type { Interval } from '../../api/policy';
import classes from './Departments.module.css';
import { faultsIn, type HoursDraft, INTERVALS_MAX, oneMore, WEEKDAYS } from './hours';
import { departments, weekday } from './texts';

/** A week, each day with as many intervals as it has. */
export function Week({
  draft,
  onChange,
}: {
  draft: HoursDraft;
  onChange: (days: Interval[][]) => void;
}) {
  const t = departments.useText();
  const faults = faultsIn(draft);
  const set = (day: number, intervals: Interval[]) =>
    onChange(draft.days.map((now, at) => (at === day ? intervals : now)));
  const copy = (from: number, to: readonly number[]) =>
    onChange(
      draft.days.map((now, at) =>
        to.includes(at) ? (draft.days[from] ?? []).map((one) => ({ ...one })) : now,
      ),
    );
  return (
    <div>
      {WEEKDAYS.map((day) => {
        const fault = faults[day];
        return (
          <Day
            key={day}
            day={day}
            intervals={draft.days[day] ?? []}
            fault={fault && t(fault)}
            onChange={(intervals) => set(day, intervals)}
            onCopy={(to) => copy(day, to)}
          />
        );
      })}
      {faults.week && (
        <Text size="sm" c="red" role="alert">
          {t(faults.week)}
        </Text>
      )}
    </div>
  );
}

function Day({
  day,
  intervals,
  fault,
  onChange,
  onCopy,
}: {
  day: number;
  intervals: Interval[];
  fault: string | undefined;
  onChange: (intervals: Interval[]) => void;
  onCopy: (to: readonly number[]) => void;
}) {
  const t = departments.useText();
  const name = weekday(day);
  const set = (at: number, change: Partial<Interval>) =>
    onChange(intervals.map((now, place) => (place === at ? { ...now, ...change } : now)));
  return (
    <div className={classes.day} data-testid={`day-${day}`}>
      <Switch
        label={name}
        aria-label={t('openDay', { day: name })}
        checked={intervals.length > 0}
        onChange={(event) => onChange(event.currentTarget.checked ? oneMore([]) : [])}
        mt={6}
      />
      <Stack gap={6} className={classes.intervals}>
        {intervals.length === 0 && (
          <Text size="sm" c="dimmed" mt={6}>
            {t('closed')}
          </Text>
        )}
        {intervals.map((interval, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: intervals have no names but their places.
          <div key={at} className={classes.interval}>
            <TimeInput
              aria-label={t('from', { day: name, count: at + 1 })}
              value={interval.from}
              onChange={(event) => set(at, { from: event.currentTarget.value })}
              error={fault !== undefined}
              w={116}
            />
            <Text size="sm" c="dimmed">
              {t('until')}
            </Text>
            <TimeInput
              aria-label={t('to', { day: name, count: at + 1 })}
              value={interval.to}
              onChange={(event) => set(at, { to: event.currentTarget.value })}
              error={fault !== undefined}
              w={116}
            />
            <ActionIcon
              aria-label={t('removeInterval', { day: name, count: at + 1 })}
              onClick={() => onChange(intervals.filter((_, place) => place !== at))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </div>
        ))}
        {fault && (
          <Text size="xs" c="red" role="alert">
            {fault}
          </Text>
        )}
      </Stack>
      <ActionIcon.Group>
        <ActionIcon
          variant="default"
          size="md"
          aria-label={t('addInterval', { day: name })}
          disabled={intervals.length >= INTERVALS_MAX}
          onClick={() => onChange(oneMore(intervals))}
        >
          <IconPlus size={16} aria-hidden />
        </ActionIcon>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="default" size="md" aria-label={t('copy', { day: name })}>
              <IconCopy size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => onCopy([0, 1, 2, 3, 4])}>{t('copyWorkdays')}</Menu.Item>
            <Menu.Item onClick={() => onCopy(WEEKDAYS)}>{t('copyAll')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </ActionIcon.Group>
    </div>
  );
}
