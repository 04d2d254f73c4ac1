import { Modal, NavLink, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { IconRobot, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { useColleagues } from '../../api/directory';
import { me } from '../../api/session';
import type { Conversation } from '../../api/types';
import { useKept } from '../../app/kept';
import { PersonAvatar } from '../../app/PersonAvatar';
import { useDepartments, useOnline } from '../../conversations/queries';
import { type Destination, transfer } from './actions';
import { inbox } from './texts';
import { named } from './triggers';

/** More colleagues than this are searched. */
const MANY = 8;

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
  const { data: colleagues = online } = useColleagues(opened);
  const { data: departments = [] } = useDepartments();
  const [why, setWhy, forget] = useKept(`transfer:${conversation.id}`, '');
  const [q, setQ] = useState('');
  const [busy, setBusy] = useState(false);
  const others = colleagues.filter(
    ({ id }) => id !== me().id && id !== conversation.assigned_user?.id,
  );
  const here = new Set(online.map(({ id }) => id));
  const isAway = (id: string) => Number(!here.has(id));
  // Those who are here come first, each by name.
  const shown = named(others, q.trim()).toSorted((a, b) => isAway(a.id) - isAway(b.id));

  const go = async (to: Destination) => {
    if (busy) return;
    setBusy(true);
    const done = await transfer(conversation.id, to, why.trim());
    setBusy(false);
    // What could not be done keeps its words.
    if (!done) return;
    forget();
    onClose();
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
              {t('noColleagues')}
            </Text>
          )}
          {others.length > MANY && (
            <TextInput
              aria-label={t('findColleague')}
              placeholder={t('findColleague')}
              mt={4}
              value={q}
              onChange={(event) => setQ(event.currentTarget.value)}
            />
          )}
          {shown.map(({ id, full_name, avatar_url }) => (
            <NavLink
              key={id}
              component="button"
              disabled={busy}
              label={full_name}
              description={here.has(id) ? t('onlineNow') : null}
              leftSection={<PersonAvatar size={26} name={full_name} src={avatar_url} />}
              onClick={() => void go({ user: id })}
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
              disabled={busy}
              onClick={() => void go({ department: id })}
            />
          ))}
          <NavLink
            component="button"
            mt="xs"
            label={t('toBot')}
            leftSection={<IconRobot size={18} aria-hidden />}
            disabled={busy}
            onClick={() => void go('bot')}
          />
        </ScrollArea.Autosize>
      </Stack>
    </Modal>
  );
}
