import { ActionIcon, Badge, Group, Menu, Paper, Stack, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import {
  IconDots,
  IconPencil,
  IconPlugConnected,
  IconPlugConnectedX,
  IconPower,
  IconSend,
  IconTrash,
} from '@tabler/icons-react';
import type { Channel } from '../../api/types';
import { failed, told } from '../../app/notify';
import { DANGER } from '../../app/theme';
import { common } from '../../i18n/common';
import { moment, phone } from '../../i18n/format';
import { COLOURS, reasonOf, standingOf } from './health';
import { useChangeChannel, useRemoveChannel } from './queries';
import { channels } from './texts';

/** A number: what it is, how it is, and why. */
export function ChannelCard({
  channel,
  onEdit,
  onTest,
}: {
  channel: Channel;
  onEdit: () => void;
  onTest: () => void;
}) {
  const t = channels.useText();
  const { name, display_phone, phone_number_id, health, is_active } = channel;
  const ill = is_active && health.status !== 'green';
  return (
    <Paper withBorder p="lg" data-testid="channel">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Stack gap={4} miw={0}>
          <Group gap="sm">
            <Title order={2} size="h5">
              {name}
            </Title>
            <Badge color={is_active ? (COLOURS[health.status] ?? 'gray') : 'gray'} variant="light">
              {t(standingOf(channel))}
            </Badge>
          </Group>
          <Text size="sm">{display_phone ? phone(display_phone) : phone_number_id}</Text>
          <Text size="xs" c="dimmed">
            {t('pace', { count: channel.throughput_per_second })}
            {display_phone && ` · ID ${phone_number_id}`}
          </Text>
          <WebhookState channel={channel} />
          {ill && <Reason channel={channel} />}
        </Stack>
        <ChannelMenu channel={channel} onEdit={onEdit} onTest={onTest} />
      </Group>
    </Paper>
  );
}

function Reason({ channel: { health } }: { channel: Channel }) {
  const t = channels.useText();
  const known = reasonOf(health.code);
  return (
    <div>
      <Text size="sm" fw={500} mt="xs" c={health.status === 'red' ? 'red' : undefined}>
        {known ? t(known) : (health.detail ?? t('reasonOther'))}
      </Text>
      <Text size="xs" c="dimmed">
        {[
          health.code != null && t('code', { code: health.code }),
          health.at && t('since', { at: moment(health.at) }),
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
    </div>
  );
}

/** Whether Meta reaches us: verified, and when it called last. */
function WebhookState({ channel: { health } }: { channel: Channel }) {
  const t = channels.useText();
  const { verified_at: verified, last_delivery_at: last } = health.webhook;
  const words = last
    ? t('webhookLast', { at: moment(last) })
    : t(verified ? 'webhookQuiet' : 'webhookNever');
  const Icon = last || verified ? IconPlugConnected : IconPlugConnectedX;
  return (
    <Group gap={6} wrap="nowrap" mt={4} data-testid="webhook">
      <Icon size={16} aria-hidden style={{ flex: 'none' }} />
      <Text size="sm" c={last ? 'dimmed' : undefined}>
        {words}
      </Text>
    </Group>
  );
}

function ChannelMenu({
  channel,
  onEdit,
  onTest,
}: {
  channel: Channel;
  onEdit: () => void;
  onTest: () => void;
}) {
  const t = channels.useText();
  const word = common.useText();
  const change = useChangeChannel();
  const remove = useRemoveChannel();
  const { id, name, is_active } = channel;
  const onError = (error: unknown) => failed(error);
  const toggle = () =>
    change.mutate(
      { id, change: { is_active: !is_active } },
      { onSuccess: () => told(t(is_active ? 'turnedOff' : 'turnedOn', { name })), onError },
    );
  const ask = () =>
    modals.openConfirmModal({
      title: t('removeTitle', { name }),
      children: <Text size="sm">{t('removeHint')}</Text>,
      labels: { confirm: t('remove'), cancel: word('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': word('close') },
      onConfirm: () => remove.mutate(id, { onSuccess: () => told(t('removed')), onError }),
    });
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon
          aria-label={t('actions', { name })}
          loading={change.isPending || remove.isPending}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
          {word('edit')}
        </Menu.Item>
        {is_active && (
          <Menu.Item leftSection={<IconSend size={16} aria-hidden />} onClick={onTest}>
            {t('test')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconPower size={16} aria-hidden />} onClick={toggle}>
          {t(is_active ? 'turnOff' : 'turnOn')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color={DANGER} leftSection={<IconTrash size={16} aria-hidden />} onClick={ask}>
          {t('remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
