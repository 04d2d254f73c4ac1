import { Badge, Box, Indicator, Text } from '@mantine/core';
import { IconUserOff } from '@tabler/icons-react';
import { usePeople } from '../../api/directory';
import type { Conversation } from '../../api/types';
import { EmptyState } from '../../app/EmptyState';
import { PersonAvatar } from '../../app/PersonAvatar';
import type { Server } from '../../conversations/lines';
import classes from './Live.module.css';
import { live } from './texts';

/** Who serves customers: whether they are there and take more, and how much they have in hand. */
export function People({
  people,
  conversations,
}: {
  people: readonly Server[];
  /** Those that people lead. */
  conversations: readonly Conversation[];
}) {
  const t = live.useText();
  const pictures = new Map(usePeople().data?.map(({ id, avatar_url }) => [id, avatar_url]));
  // Whoever left while leading is what a supervisor must see.
  const shown = people.filter(({ online, load }) => online || load > 0);
  if (shown.length === 0) {
    return (
      <EmptyState icon={IconUserOff} title={t('nobodyOnline')}>
        {t('nobodyOnlineHint')}
      </EmptyState>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard.
    <ul className={classes.list} tabIndex={0} aria-label={t('people')}>
      {shown.map(({ user_id, full_name, availability, online, load, capacity }) => {
        const mine = conversations.filter(({ assigned_user }) => assigned_user?.id === user_id);
        const unanswered = mine.filter(({ unread_count }) => unread_count > 0).length;
        const away = availability === 'away';
        return (
          <li key={user_id} className={classes.line}>
            <Indicator
              color={online ? (away ? 'yellow' : 'green') : 'gray'}
              position="bottom-end"
              offset={4}
              size={10}
              withBorder
            >
              <PersonAvatar
                size={32}
                radius="xl"
                name={full_name}
                src={pictures.get(user_id)}
                alt=""
              />
            </Indicator>
            <Box flex={1} miw={0}>
              <Text size="sm" fw={600} truncate>
                {full_name}
              </Text>
              <Text size="xs" c="dimmed">
                {t('inHand', { load, count: capacity })}
                {online ? away && ` · ${t('away')}` : ` · ${t('offline')}`}
              </Text>
            </Box>
            {unanswered > 0 && (
              <Badge color="orange" variant="light">
                {t('unanswered', { count: unanswered })}
              </Badge>
            )}
          </li>
        );
      })}
    </ul>
  );
}
