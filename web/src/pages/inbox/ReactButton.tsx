import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconMoodSmile } from '@tabler/icons-react';
import { answer, api } from '../../api/client';
import type { Message } from '../../api/types';
import { failed } from '../../app/notify';
import { newKey } from '../../local';
import { media } from '../../media/texts';

const EMOJIS = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;

/** Reacts to a message, as the business: one reaction, which can be taken back. */
export function ReactButton({ message, now }: { message: Message; now: string | null }) {
  const t = media.useText();
  const react = (emoji: string) => {
    const path = { id: message.conversation_id };
    void answer(
      api.POST('/api/v1/conversations/{id}/messages', {
        params: { path, header: { 'Idempotency-Key': newKey() } },
        body: { type: 'reaction', message_id: message.id, emoji },
      }),
    ).catch(failed);
  };
  return (
    <Menu position="top" withinPortal>
      <Menu.Target>
        <ActionIcon aria-label={t('react')} title={t('react')}>
          <IconMoodSmile size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown style={{ display: 'flex' }}>
        {EMOJIS.map((emoji) => (
          <Tooltip key={emoji} label={t(emoji === now ? 'unreact' : 'reactWith', { emoji })}>
            <Menu.Item
              w="auto"
              px={8}
              aria-label={t(emoji === now ? 'unreact' : 'reactWith', { emoji })}
              onClick={() => react(emoji === now ? '' : emoji)}
            >
              {emoji}
            </Menu.Item>
          </Tooltip>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
