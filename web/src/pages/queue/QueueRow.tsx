import { ActionIcon, Badge, Button, Group, Menu, Text } from '@mantine/core';
import {
  IconCheck,
  IconDots,
  IconExternalLink,
  IconRobot,
  IconUserShare,
} from '@tabler/icons-react';
import { Link } from 'react-router';
import { me } from '../../api/session';
import type { PendingHandoff } from '../../api/types';
import { phone, span } from '../../i18n/format';
import type { KeyOf } from '../../i18n/texts';
import { Offer } from './Offer';
import classes from './Queue.module.css';
import { usePrioritise, useReturn } from './queries';
import { queue } from './texts';
import { offerOf, PRIORITIES, type Priority, priorityOf, toneOf } from './waiting';

const COLOURS: Record<Priority, string> = {
  urgent: 'red',
  high: 'orange',
  medium: 'blue',
  low: 'gray',
};

const TRIGGERS: Record<string, KeyOf<typeof queue>> = {
  keyword: 'keyword',
  flow: 'flow',
  not_understood: 'not_understood',
  flow_fault: 'flow_fault',
  staff: 'staff',
  department: 'department_reason',
  attendant_idle: 'attendant_idle',
  quarantine: 'quarantine',
};

/** One who waits: who, why, how urgently, how long, and what to do about it. */
export function QueueRow({
  row,
  now,
  busy,
  onTake,
  onAnswer,
  onAssign,
}: {
  row: PendingHandoff;
  now: number;
  busy: boolean;
  onTake: () => void;
  /** To an offer that was made to the caller. */
  onAnswer: (takes: boolean) => void;
  onAssign: () => void;
}) {
  const t = queue.useText();
  const { permissions } = me();
  const priority = priorityOf(row);
  const giveBack = useReturn();
  const offer = offerOf(row, now);
  const mine = offer !== null && offer.userId === me().id;
  const waited = now - Date.parse(row.waiting_since);
  const trigger = TRIGGERS[row.trigger];
  const why = row.reason || (trigger ? t(trigger) : row.trigger);
  return (
    <li className={classes.row} data-testid="queue-row">
      <span className={classes.number} title={t('position', { count: row.queue_position })}>
        {row.queue_position}
      </span>
      <div className={classes.who}>
        <Text size="sm" fw={600} truncate>
          {row.customer_name || phone(row.phone_number)}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {row.department_name ?? t('noDepartment')}
          {row.customer_name ? ` · ${phone(row.phone_number)}` : ''}
        </Text>
      </div>
      <div className={classes.why}>
        <Text size="sm" lineClamp={offer ? 1 : 2} title={why}>
          {why}
        </Text>
        {offer && <Offer offer={offer} mine={mine} />}
      </div>
      <Badge className={classes.badge} color={COLOURS[priority]} variant="light">
        {t(priority)}
      </Badge>
      <span className={classes.wait} data-tone={toneOf(waited)} data-testid="wait">
        {span(waited)}
      </span>
      <Group gap={4} wrap="nowrap" justify="flex-end" className={classes.actions}>
        {mine ? (
          <>
            <Button size="compact-sm" variant="default" onClick={() => onAnswer(false)}>
              {t('reject')}
            </Button>
            <Button size="compact-sm" loading={busy} onClick={() => onAnswer(true)}>
              {t('accept')}
            </Button>
          </>
        ) : (
          (offer === null || permissions.includes('handoff:manage')) &&
          permissions.includes('conversation:attend') && (
            <Button size="compact-sm" variant="light" loading={busy} onClick={onTake}>
              {t('take')}
            </Button>
          )
        )}
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <ActionIcon aria-label={t('more')}>
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              component={Link}
              to={`/inbox/${row.conversation_id}`}
              leftSection={<IconExternalLink size={16} aria-hidden />}
            >
              {t('open')}
            </Menu.Item>
            {permissions.includes('handoff:manage') && (
              <>
                <Menu.Item leftSection={<IconUserShare size={16} aria-hidden />} onClick={onAssign}>
                  {t('assign')}
                </Menu.Item>
                <Menu.Item
                  leftSection={<IconRobot size={16} aria-hidden />}
                  onClick={() => giveBack.mutate(row)}
                >
                  {t('returnToBot')}
                </Menu.Item>
              </>
            )}
            {permissions.includes('conversation:transfer') && (
              <PriorityItems row={row} priority={priority} />
            )}
          </Menu.Dropdown>
        </Menu>
      </Group>
    </li>
  );
}

function PriorityItems({ row, priority }: { row: PendingHandoff; priority: Priority }) {
  const t = queue.useText();
  const prioritise = usePrioritise();
  return (
    <>
      <Menu.Divider />
      <Menu.Label>{t('priority')}</Menu.Label>
      {PRIORITIES.map((one) => (
        <Menu.Item
          key={one}
          disabled={one === priority}
          rightSection={one === priority && <IconCheck size={16} aria-hidden />}
          onClick={() => prioritise.mutate({ row, priority: one })}
        >
          {t(one)}
        </Menu.Item>
      ))}
    </>
  );
}
