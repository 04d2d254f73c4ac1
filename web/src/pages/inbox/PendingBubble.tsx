import { Button, Group, Text } from '@mantine/core';
import { formatted } from '../../conversations/formatting';
import { discard, type Pending, retry } from '../../conversations/outbox';
import { common } from '../../i18n/common';
import { time } from '../../i18n/format';
import classes from './MessageBubble.module.css';
import words from './MessageContent.module.css';
import { Ticks } from './Ticks';
import { inbox } from './texts';

/** What somebody has sent and the server does not have yet, or did not take. */
export function PendingBubble({
  pending,
  lastSeq,
  onEdit,
}: {
  pending: Pending;
  /** The newest message that is shown. */
  lastSeq: number;
  /** Takes it back; whether nothing of it is needed here any more. */
  onEdit: (pending: Pending) => boolean;
}) {
  const t = inbox.useText();
  const word = common.useText();
  const shown = pending.template?.shown;
  const failed = pending.state === 'failed';
  return (
    <article
      className={classes.message}
      data-side={pending.note ? 'note' : 'outbound'}
      data-sender="attendant"
      data-testid="pending"
      data-state={pending.state}
    >
      <div className={classes.bubble}>
        {pending.file && (
          <div className={words.kind}>
            {pending.file.voice ? t('voice') : (pending.file.filename ?? t(pending.file.kind))}
          </div>
        )}
        {pending.shared && <div className={words.kind}>{t(pending.shared.type)}</div>}
        {shown?.header && <Text fw={600}>{shown.header}</Text>}
        <div className={words.words}>{formatted(pending.text)}</div>
        {shown?.footer && <div className={words.faint}>{shown.footer}</div>}
        <div className={classes.meta}>
          <time dateTime={pending.at}>{time(pending.at)}</time>
          <Ticks status={failed ? 'failed' : 'sending'} />
        </div>
        {failed && (
          <div className={classes.problem} role="alert">
            <span>{pending.moved ? t('moved') : t('notSent', { why: pending.problem ?? '' })}</span>
            {pending.moved && (pending.came?.length ?? 0) > 0 && (
              <ul className={classes.came} data-testid="came">
                {pending.came?.map(({ id, sender, text }) => (
                  <li key={id}>
                    <strong>{sender === 'customer' ? t('customer') : sender}</strong> {text}
                  </li>
                ))}
              </ul>
            )}
            <Group gap={6}>
              <Button
                size="compact-xs"
                variant="light"
                color="red"
                onClick={() => retry(pending.key, pending.moved ? lastSeq : undefined)}
              >
                {pending.moved ? t('sendAnyway') : word('retry')}
              </Button>
              {!pending.file?.voice && (
                <Button
                  size="compact-xs"
                  variant="subtle"
                  color="gray"
                  onClick={() => {
                    if (onEdit(pending)) discard(pending.key);
                  }}
                >
                  {t('backToDraft')}
                </Button>
              )}
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                onClick={() => discard(pending.key)}
              >
                {t('discard')}
              </Button>
            </Group>
          </div>
        )}
      </div>
    </article>
  );
}
