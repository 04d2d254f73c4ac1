import { CloseButton, Group, Text } from '@mantine/core';
import type { Message } from '../../api/types';
import { senderName } from './MessageBubble';
import classes from './ReplyingTo.module.css';
import { inbox } from './texts';

/** The message that is being answered. */
export function ReplyingTo({ message, onCancel }: { message: Message; onCancel: () => void }) {
  const t = inbox.useText();
  return (
    <Group className={classes.replying} gap="xs" wrap="nowrap">
      <div className={classes.replyingText}>
        <Text size="xs" fw={600}>
          {t('replyingTo', { name: senderName(message, t) })}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {message.text}
        </Text>
      </div>
      <CloseButton aria-label={t('cancelReply')} onClick={onCancel} />
    </Group>
  );
}
