import { Tooltip } from '@mantine/core';
import {
  IconAlertCircle,
  IconBan,
  IconCheck,
  IconChecks,
  IconClock,
  IconHelpCircle,
} from '@tabler/icons-react';
import classes from './Ticks.module.css';
import { inbox } from './texts';

const ICONS = {
  queued: IconClock,
  sending: IconClock,
  cancelled: IconBan,
  unknown: IconHelpCircle,
  unconfirmed: IconHelpCircle,
  sent: IconCheck,
  failed: IconAlertCircle,
  delivered: IconChecks,
  read: IconChecks,
  played: IconChecks,
} as const;

/** How far a message has come. */
export function Ticks({ status }: { status: string }) {
  const t = inbox.useText();
  const known = (status in ICONS ? status : 'unknown') as keyof typeof ICONS;
  const Icon = ICONS[known];
  return (
    <Tooltip label={t(known)}>
      <span
        className={classes.ticks}
        data-status={known}
        data-testid="ticks"
        role="img"
        aria-label={t(known)}
      >
        <Icon size={15} stroke={2} aria-hidden />
      </span>
    </Tooltip>
  );
}
