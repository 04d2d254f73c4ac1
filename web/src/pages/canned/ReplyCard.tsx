import { ActionIcon, Badge, Code, Group, Menu, Paper, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots, IconPencil, IconTrash } from '@tabler/icons-react';
import { me } from '../../api/session';
import { failed, told } from '../../app/notify';
import { DANGER } from '../../app/theme';
import { common } from '../../i18n/common';
import { type CannedReply, useDeleteReply } from './queries';
import { canned } from './texts';

/** One reply; who may change it can. */
export function ReplyCard({ reply, onEdit }: { reply: CannedReply; onEdit: () => void }) {
  const t = canned.useText();
  const { shortcut, title, text, scope, department, used } = reply;
  const mine = scope === 'personal' || me().permissions.includes('handoff:manage');
  return (
    <Paper withBorder p="md" data-testid="reply">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Group gap="xs">
            <Code fz="sm">/{shortcut}</Code>
            <Text size="sm" fw={600}>
              {title}
            </Text>
            <Badge size="sm" variant="light" color={scope === 'personal' ? 'blue' : 'gray'}>
              {scope === 'department' ? (department?.name ?? t('department')) : t(scope)}
            </Badge>
            {used > 0 && (
              <Text size="xs" c="dimmed">
                {t('used', { count: used })}
              </Text>
            )}
          </Group>
          <Text size="sm" c="dimmed" mt={4} lineClamp={2} style={{ whiteSpace: 'pre-line' }}>
            {text}
          </Text>
        </div>
        {mine && <ReplyMenu reply={reply} onEdit={onEdit} />}
      </Group>
    </Paper>
  );
}

function ReplyMenu({
  reply: { id, shortcut },
  onEdit,
}: {
  reply: CannedReply;
  onEdit: () => void;
}) {
  const t = canned.useText();
  const word = common.useText();
  const remove = useDeleteReply();
  const ask = () =>
    modals.openConfirmModal({
      title: t('deleteTitle', { shortcut }),
      children: <Text size="sm">{t('deleteHint')}</Text>,
      labels: { confirm: word('delete'), cancel: word('cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': word('close') },
      onConfirm: () =>
        remove.mutate(id, {
          onSuccess: () => told(t('deleted')),
          onError: (error) => failed(error),
        }),
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('actions', { shortcut })} loading={remove.isPending}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
          {word('edit')}
        </Menu.Item>
        <Menu.Item color={DANGER} leftSection={<IconTrash size={16} aria-hidden />} onClick={ask}>
          {word('delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
