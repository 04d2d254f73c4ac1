import { UnstyledButton } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useScheduled } from '../../conversations/scheduled';
import { moment } from '../../i18n/format';
import classes from './Composer.module.css';
import { inbox } from './texts';

/** What is said later in a conversation, and when next; there only while there is something. */
export function ScheduledStrip({
  conversation,
  onOpen,
}: {
  conversation: string;
  onOpen: () => void;
}) {
  const t = inbox.useText();
  const { rows, hasNextPage } = useScheduled({ conversation }, 'scheduled');
  const [next] = rows;
  if (!next) return null;
  const count = rows.length;
  return (
    <UnstyledButton className={classes.strip} onClick={onOpen} data-testid="scheduled-strip">
      <IconClock size={14} aria-hidden />
      {t('scheduledCount', { count })}
      {hasNextPage && '+'} · {t('scheduledNext', { at: moment(next.send_at) })}
    </UnstyledButton>
  );
}
