import { Avatar, Badge, Checkbox, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconZzz } from '@tabler/icons-react';
import { memo } from 'react';
import { Link } from 'react-router';
import { me } from '../../api/session';
import type { Conversation } from '../../api/types';
import { readDraft } from '../../conversations/drafts';
import { brief, moment, phone } from '../../i18n/format';
import classes from './ConversationRow.module.css';
import { LabelDot } from './LabelDot';
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

/** What stands for a message without words. */
function wordless(type: string | undefined, t: ReturnType<typeof inbox.useText>): string {
  const kinds = ['image', 'video', 'audio', 'document', 'sticker', 'location', 'contacts'] as const;
  const kind = kinds.find((one) => one === type);
  return t(kind ?? 'emptySlot');
}

/** How many labels have a place in a row. */
const LABELS_SHOWN = 2;

function Labels({ labels }: { labels: Conversation['labels'] | undefined }) {
  if (!labels || labels.length === 0) return null;
  const rest = labels.length - LABELS_SHOWN;
  return (
    <span className={classes.rowLabels}>
      {labels.slice(0, LABELS_SHOWN).map(({ id, name, colour }) => (
        <span key={id} className={classes.rowLabel}>
          <LabelDot colour={colour} />
          <span className={classes.rowLabelName}>{name}</span>
        </span>
      ))}
      {rest > 0 && <span>+{rest}</span>}
    </span>
  );
}

export const ConversationRow = memo(function ConversationRow({
  conversation,
  active,
  selected,
  selecting,
  onSelect,
  search,
  now,
}: {
  conversation: Conversation;
  active: boolean;
  selected: boolean;
  /** Something is selected: a touch selects. */
  selecting: boolean;
  onSelect: (id: string, range: boolean) => void;
  /** Of the address: which list is shown. */
  search: string;
  now: number;
}) {
  const t = inbox.useText();
  const name = customerName(conversation);
  const { last_message: last, unread_count: unread, mode, assigned_user: owner } = conversation;
  const draft = readDraft(conversation.id).text;
  const ours = last?.sender_type === 'attendant';
  return (
    <div className={classes.rowBox} data-selected={selected || undefined}>
      <Checkbox
        className={classes.check}
        data-shown={selecting || undefined}
        size="sm"
        checked={selected}
        readOnly
        tabIndex={-1}
        aria-label={t('selectNamed', { name })}
        onClick={(event) => onSelect(conversation.id, event.shiftKey)}
      />
      <Link
        to={`/inbox/${conversation.id}${search}`}
        className={classes.row}
        aria-current={active || undefined}
        data-unread={unread > 0 || undefined}
        data-testid="conversation-row"
        onClick={(event) => {
          if (!event.shiftKey && !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          onSelect(conversation.id, event.shiftKey);
        }}
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
                  {last?.text || wordless(last?.message_type, t)}
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
            {conversation.snoozed_until && (
              <Tooltip label={t('snoozedUntil', { at: moment(conversation.snoozed_until) })}>
                <IconZzz
                  size={14}
                  aria-label={t('snoozedUntil', { at: moment(conversation.snoozed_until) })}
                />
              </Tooltip>
            )}
            <Labels labels={conversation.labels} />
            {owner?.id !== me().id && (
              <span className={classes.rowOwner}>
                {owner?.name ?? conversation.department?.name}
              </span>
            )}
          </span>
        </span>
      </Link>
    </div>
  );
});
