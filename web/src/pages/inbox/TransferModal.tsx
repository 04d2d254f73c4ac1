import { Modal, NavLink, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { IconRobot, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { me } from '../../api/session';
import type { Conversation } from '../../api/types';
import { PersonAvatar } from '../../app/PersonAvatar';
import { useDepartments, useOnline } from '../../conversations/queries';
import { type Destination, transfer } from './actions';
import { inbox } from './texts';

/** Whom a conversation goes to: a colleague, a department's queue, or the bot. */
export function TransferModal({
  conversation,
  opened,
  onClose,
}: {
  conversation: Conversation;
  opened: boolean;
  onClose: () => void;
}) {
  const t = inbox.useText();
  const { data: online = [] } = useOnline();
  const { data: departments = [] } = useDepartments();
  const [why, setWhy] = useState('');
  const others = online.filter(({ id }) => id !== me().id && id !== conversation.assigned_user?.id);

  const go = (to: Destination) => {
    onClose();
    void transfer(conversation.id, to, why.trim());
    setWhy('');
  };

  return (
    <Modal opened={opened} onClose={onClose} title={t('transferTitle')}>
      <Stack gap="sm">
        <TextInput
          label={t('transferWhy')}
          value={why}
          maxLength={1000}
          onChange={(event) => setWhy(event.currentTarget.value)}
          data-autofocus
        />
        <ScrollArea.Autosize mah={340}>
          <Text size="xs" fw={600} c="dimmed" mt="xs">
            {t('toPerson')}
          </Text>
          {others.length === 0 && (
            <Text size="sm" c="dimmed" p="xs">
              {t('nobodyOnline')}
            </Text>
          )}
          {others.map(({ id, full_name, avatar_url }) => (
            <NavLink
              key={id}
              component="button"
              label={full_name}
              leftSection={<PersonAvatar size={26} name={full_name} src={avatar_url} />}
              onClick={() => go({ user: id })}
            />
          ))}
          {departments.length > 0 && (
            <Text size="xs" fw={600} c="dimmed" mt="xs">
              {t('toDepartment')}
            </Text>
          )}
          {departments.map(({ id, name }) => (
            <NavLink
              key={id}
              component="button"
              label={name}
              leftSection={<IconUsersGroup size={18} aria-hidden />}
              onClick={() => go({ department: id })}
            />
          ))}
          <NavLink
            component="button"
            mt="xs"
            label={t('toBot')}
            leftSection={<IconRobot size={18} aria-hidden />}
            onClick={() => go('bot')}
          />
        </ScrollArea.Autosize>
      </Stack>
    </Modal>
  );
}
