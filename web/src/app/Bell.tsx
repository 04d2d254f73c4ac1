import { Badge, Button, Group, Popover, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAt, IconBell, IconClockX } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { type Notice, useNotices, useReadNotices } from '../conversations/notices';
import { brief } from '../i18n/format';
import classes from './Bell.module.css';
import { desk } from './desk-texts';
import shell from './Shell.module.css';
import { useShortcuts } from './shortcuts';
import { app } from './texts';

const KINDS: Record<string, 'mentionedYou' | 'scheduledFailed' | 'scheduledCancelled'> = {
  mention: 'mentionedYou',
  scheduled_failed: 'scheduledFailed',
  scheduled_cancelled: 'scheduledCancelled',
};

/** Where in the conversation it leads. */
function placeOf(kind: string, seq: number | null | undefined): string {
  if (kind === 'scheduled_failed') return '?scheduled=failed';
  return seq ? `?message=${seq}` : '';
}

/** What somebody was told of, and the way there. */
export function Bell({ narrow }: { narrow: boolean }) {
  const t = desk.useText();
  const navigate = useNavigate();
  const [opened, { close, toggle }] = useDisclosure(false);
  const { data } = useNotices();
  const read = useReadNotices();
  const unread = data?.unread ?? 0;
  const label = unread > 0 ? t('noticesUnread', { count: unread }) : t('notices');
  useShortcuts([{ keys: 'I', label: t('notices'), group: app.useText()('anywhere'), run: toggle }]);

  const go = ({ id, kind, read_at, conversation_id, message_seq }: Notice) => {
    close();
    if (!read_at) read.mutate([id]);
    void navigate(`/inbox/${conversation_id}${placeOf(kind, message_seq)}`);
  };

  return (
    <Popover
      opened={opened}
      onChange={(now) => !now && close()}
      position="right-end"
      width={360}
      trapFocus
      returnFocus
      shadow="md"
    >
      <Popover.Target>
        <Tooltip label={label} position="right" disabled={!narrow}>
          <UnstyledButton
            className={shell.link}
            data-narrow={narrow || undefined}
            onClick={toggle}
            aria-label={label}
            data-testid="bell"
          >
            <IconBell size={18} stroke={1.7} aria-hidden />
            {!narrow && t('notices')}
            {unread > 0 && (
              <Badge size="sm" circle={unread < 10} className={shell.count} aria-hidden>
                {unread > 99 ? '99+' : unread}
              </Badge>
            )}
          </UnstyledButton>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t('notices')}>
        <Group justify="space-between" className={classes.head}>
          <Text fw={600}>{t('notices')}</Text>
          <Button
            size="compact-xs"
            variant="subtle"
            disabled={unread === 0}
            onClick={() => read.mutate(undefined)}
          >
            {t('readAll')}
          </Button>
        </Group>
        <div className={classes.list}>
          {data?.data.length === 0 && (
            <Text size="sm" c="dimmed" p="md">
              {t('noNotices')}
            </Text>
          )}
          {data?.data.map((notice) => (
            <UnstyledButton
              key={notice.id}
              className={classes.notice}
              data-unread={!notice.read_at || undefined}
              data-testid="notice"
              onClick={() => go(notice)}
            >
              {notice.kind.startsWith('scheduled_') ? (
                <IconClockX size={16} aria-hidden />
              ) : (
                <IconAt size={16} aria-hidden />
              )}
              <span className={classes.words}>
                <span>
                  <strong>{notice.by_user?.name ?? t('somebody')}</strong>{' '}
                  {t(KINDS[notice.kind] ?? 'toldYou', {
                    customer: notice.customer_name ?? t('customer'),
                  })}
                </span>
                {notice.text && <span className={classes.text}>{notice.text}</span>}
              </span>
              <time dateTime={notice.at}>{brief(notice.at, Date.now())}</time>
            </UnstyledButton>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
