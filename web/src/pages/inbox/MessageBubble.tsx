import { ActionIcon, Button, CopyButton, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconCheck, IconCopy } from '@tabler/icons-react';
import { memo } from 'react';
import type { Message } from '../../api/types';
import { outbox, post, type Written } from '../../conversations/outbox';
import { moment, time } from '../../i18n/format';
import { useStore } from '../../store';
import classes from './MessageBubble.module.css';
import { MessageContent } from './MessageContent';
import { ReactButton } from './ReactButton';
import type { Reaction } from './rows';
import { Ticks } from './Ticks';
import { inbox } from './texts';

type Say = ReturnType<typeof inbox.useText>;

export function senderName(message: Message, t: Say): string {
  switch (message.sender_type) {
    case 'bot':
      return t('botBadge');
    case 'attendant':
      return `👤 ${message.sender_name ?? t('attendant')}`;
    case 'phone':
      return `📱 ${t('phoneSender')}`;
    case 'system':
      return t('notice');
    default:
      return message.sender_name ?? t('customer');
  }
}

interface ErrorShown {
  title?: string;
  detail?: string;
  code?: number | string;
}

/** Why it failed, in the provider's words. */
function reason(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { detail, title, code } = error as ErrorShown;
  return detail || title || (code === undefined ? null : String(code));
}

/** What it is, where it has no words. */
function kindOf({ message_type: type }: Message, t: Say): string {
  const kinds = ['image', 'video', 'audio', 'document', 'sticker', 'location', 'contacts'] as const;
  const kind = kinds.find((one) => one === type);
  return kind ? t(kind) : '';
}

interface Props {
  message: Message;
  /** The one before is of the same sender. */
  follows: boolean;
  quoted: Message | undefined;
  /** May be answered. */
  onQuote: ((message: Message) => void) | undefined;
  onShow: (id: string) => void;
  reactions: readonly Reaction[] | undefined;
  /** It did not arrive, and may be sent again as this. */
  lost: Written | null;
}

export const MessageBubble = memo(function MessageBubble({
  message,
  follows,
  quoted,
  onQuote,
  onShow,
  reactions,
  lost,
}: Props) {
  const t = inbox.useText();
  const note = message.message_type === 'note';
  const side = note ? 'note' : message.direction;
  const name = senderName(message, t);
  const system = message.sender_type === 'system' && !note;
  return (
    <article
      className={classes.message}
      data-side={side}
      data-sender={message.sender_type}
      data-follows={follows || undefined}
      data-message={message.id}
      data-testid={note ? 'note' : 'message'}
    >
      <div className={classes.bubble}>
        {!follows && message.direction !== 'inbound' && (
          <div className={classes.sender}>
            {note ? t('noteBy', { name: message.sender_name ?? t('attendant') }) : name}
          </div>
        )}
        {message.quoted && (
          <button
            type="button"
            className={classes.quote}
            disabled={!quoted}
            onClick={() => quoted && onShow(quoted.id)}
          >
            <strong>{quoted ? senderName(quoted, t) : t('quotedUnknown')}</strong>
            {quoted && <span>{quoted.text.slice(0, 160) || kindOf(quoted, t)}</span>}
          </button>
        )}
        <MessageContent message={message} />
        <div className={classes.meta}>
          {message.late && <span>{t('late')}</span>}
          <Tooltip label={moment(message.sent_at)}>
            <time dateTime={message.sent_at}>{time(message.sent_at)}</time>
          </Tooltip>
          {message.status && <Ticks status={message.status} />}
        </div>
        {(lost || message.status === 'failed') && <Failed message={message} lost={lost} />}
        {reactions && (
          <div className={classes.reactions} data-testid="reactions">
            {reactions.map(({ emoji, name }) => (
              <Tooltip key={`${emoji} ${name}`} label={name ?? t('customer')}>
                <span className={classes.reaction}>{emoji}</span>
              </Tooltip>
            ))}
          </div>
        )}
      </div>
      {!system && (
        <div className={classes.tools}>
          {onQuote && message.external_id && (
            <Tooltip label={t('quote')}>
              <ActionIcon aria-label={t('quote')} onClick={() => onQuote(message)}>
                <IconArrowBackUp size={16} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )}
          {onQuote && message.external_id && (
            <ReactButton
              message={message}
              now={reactions?.find(({ mine }) => mine)?.emoji ?? null}
            />
          )}
          {message.text && (
            <CopyButton value={message.text}>
              {({ copied, copy }) => (
                <Tooltip label={t(copied ? 'copied' : 'copy')}>
                  <ActionIcon aria-label={t('copy')} onClick={copy}>
                    {copied ? (
                      <IconCheck size={16} aria-hidden />
                    ) : (
                      <IconCopy size={16} aria-hidden />
                    )}
                  </ActionIcon>
                </Tooltip>
              )}
            </CopyButton>
          )}
        </div>
      )}
    </article>
  );
});

function Failed({ message, lost }: { message: Message; lost: Written | null }) {
  const t = inbox.useText();
  const why = reason(message.error);
  const going = useStore(outbox, (all) => all.some(({ key }) => key === lost?.key));
  const words = () => {
    if (message.status === 'unconfirmed') return t('unconfirmed');
    return why ? t('failedBecause', { why }) : t('failed');
  };
  return (
    <div className={classes.problem} role="alert">
      <span>{words()}</span>
      {lost && (
        <Button
          size="compact-xs"
          variant="light"
          color="red"
          disabled={going}
          onClick={() => post(lost)}
        >
          {t('resend')}
        </Button>
      )}
    </div>
  );
}
