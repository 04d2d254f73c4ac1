import { Badge, Box, Indicator, Text } from '@mantine/core';
import { IconUserOff } from '@tabler/icons-react';
import { usePeople } from '../../api/directory';
import type { Conversation, OnlineUser } from '../../api/types';
import { EmptyState } from '../../app/EmptyState';
import { PersonAvatar } from '../../app/PersonAvatar';
import classes from './Live.module.css';
import { live } from './texts';

/** Who is there, and who leads how much. */
export function People({
  online,
  conversations,
}: {
  online: OnlineUser[];
  /** Those that people lead. */
  conversations: Conversation[];
}) {
  const t = live.useText();
  const people = usePeople().data ?? [];
  const here = new Set(online.map(({ id }) => id));
  const leads = new Map<string, Conversation[]>();
  for (const conversation of conversations) {
    const id = conversation.assigned_user?.id;
    if (id) leads.set(id, [...(leads.get(id) ?? []), conversation]);
  }
  // Whoever left while leading is what a supervisor must see.
  const away = people.filter(({ id }) => leads.has(id) && !here.has(id));
  const shown = [...away, ...online].sort(
    (one, other) => (leads.get(other.id)?.length ?? 0) - (leads.get(one.id)?.length ?? 0),
  );
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
      {shown.map(({ id, full_name, avatar_url }) => {
        const mine = leads.get(id) ?? [];
        const unanswered = mine.filter(({ unread_count }) => unread_count > 0).length;
        return (
          <li key={id} className={classes.line}>
            <Indicator
              color={here.has(id) ? 'green' : 'gray'}
              position="bottom-end"
              offset={4}
              size={10}
              withBorder
            >
              <PersonAvatar size={32} radius="xl" name={full_name} src={avatar_url} alt="" />
            </Indicator>
            <Box flex={1} miw={0}>
              <Text size="sm" fw={600} truncate>
                {full_name}
              </Text>
              <Text size="xs" c="dimmed">
                {mine.length > 0 ? t('inHand', { count: mine.length }) : t('idle')}
                {!here.has(id) && ` · ${t('offline')}`}
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
