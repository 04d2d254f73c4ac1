import { Avatar, Badge, Text, VisuallyHidden } from '@mantine/core';
import { memo } from 'react';
import { Link } from 'react-router';
import type { Conversation } from '../../api/types';
import { readDraft } from '../../conversations/drafts';
import { brief, phone } from '../../i18n/format';
import classes from './Inbox.module.css';
import { inbox } from './texts';

/** The name that stands for a customer. */
export function customerName({ customer }: Conversation): string {
  return customer.name ?? phone(customer.phone ?? customer.address);
}

export const ModeMark = memo(function ModeMark({ mode }: { mode: string }) {
  const t = inbox.useText();
  const marks = {
    bot: ['botBadge', 'gray'],
    human: ['humanBadge', 'brand'],
    waiting: ['waitingBadge', 'orange'],
    closed: ['closedBadge', 'gray'],
  } as const;
  const [key, color] = marks[mode as keyof typeof marks] ?? marks.closed;
  return (
    <Badge variant="light" color={color} size="sm" className={classes.mode} data-mode={mode}>
      {t(key)}
    </Badge>
  );
});

export const ConversationRow = memo(function ConversationRow({
  conversation,
  active,
  now,
}: {
  conversation: Conversation;
  active: boolean;
  now: number;
}) {
  const t = inbox.useText();
  const name = customerName(conversation);
  const { last_message: last, unread_count: unread, mode } = conversation;
  const draft = readDraft(conversation.id).text;
  const ours = last?.sender_type === 'attendant';
  return (
    <Link
      to={`/inbox/${conversation.id}${location.search}`}
      className={classes.row}
      aria-current={active || undefined}
      data-unread={unread > 0 || undefined}
      data-testid="conversation-row"
    >
      <Avatar size={38} radius="xl" name={name} color="initials" aria-hidden />
      <span className={classes.rowBody}>
        <span className={classes.rowLine}>
          <span className={classes.rowName}>{name}</span>
          {conversation.last_message_at && (
            <time className={classes.rowTime} dateTime={conversation.last_message_at}>
              {brief(conversation.last_message_at, now)}
            </time>
          )}
        </span>
        <span className={classes.rowLine}>
          <span className={classes.rowText}>
            {draft ? (
              <>
                <Text span inherit c="red" fw={600}>
                  {t('draft')}{' '}
                </Text>
                {draft}
              </>
            ) : (
              <>
                {last?.message_type === 'note' ? '📝 ' : ours && `${t('you')} `}
                {last?.sender_type === 'bot' && '🤖 '}
                {last?.text || t('emptySlot')}
              </>
            )}
          </span>
          {unread > 0 && (
            <Badge size="sm" circle={unread < 10} className={classes.rowCount}>
              <span aria-hidden>{Math.min(unread, 99)}</span>
              <VisuallyHidden>{t('unread', { count: unread })}</VisuallyHidden>
            </Badge>
          )}
        </span>
        <span className={classes.rowLine}>
          <ModeMark mode={mode} />
          {conversation.priority && mode === 'waiting' && (
            <Badge
              size="sm"
              variant="outline"
              color={conversation.priority === 'urgent' ? 'red' : 'gray'}
            >
              {t(conversation.priority as 'low')}
            </Badge>
          )}
          <span className={classes.rowOwner}>
            {conversation.assigned_user?.name ?? conversation.department?.name}
          </span>
        </span>
      </span>
    </Link>
  );
});
