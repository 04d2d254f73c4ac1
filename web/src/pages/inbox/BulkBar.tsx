import { ActionIcon, CloseButton, Group, Menu, Text, Tooltip } from '@mantine/core';
import {
  IconArchive,
  IconCircleCheck,
  IconDots,
  IconFlag,
  IconMail,
  IconMailOpened,
  IconTag,
  IconTagOff,
  IconUserCheck,
  IconZzz,
} from '@tabler/icons-react';
import { type ComponentType, useState } from 'react';
import { me } from '../../api/session';
import { LabelsModal, PriorityModal, SnoozeModal } from './ToolModals';
import { inbox } from './texts';
import { type Bulk, bulk } from './tools';

type Asking = 'labels_add' | 'labels_remove' | 'snooze' | 'priority' | null;

/** What can be done with several conversations at once. */
export function BulkBar({
  ids,
  onDone,
}: {
  ids: string[];
  /** What is still selected afterwards: those that refused. */
  onDone: (left: string[]) => void;
}) {
  const t = inbox.useText();
  const [asking, setAsking] = useState<Asking>(null);
  const [busy, setBusy] = useState(false);
  const run = (what: Bulk) => {
    setBusy(true);
    void bulk(ids, what).then((left) => {
      setBusy(false);
      onDone(left);
    });
  };
  const ask = (what: Asking) => () => setAsking(what);
  const stop = () => setAsking(null);
  const quick: [string, ComponentType<{ size: number }>, () => void][] = [
    [t('assignMe'), IconUserCheck, () => run({ action: 'assign', user_id: me().id })],
    [t('labelsAdd'), IconTag, ask('labels_add')],
    [t('snooze'), IconZzz, ask('snooze')],
    [t('finish'), IconCircleCheck, () => run({ action: 'close' })],
  ];
  const rest: typeof quick = [
    [t('priority'), IconFlag, ask('priority')],
    [t('labelsRemove'), IconTagOff, ask('labels_remove')],
    [t('markReadDo'), IconMailOpened, () => run({ action: 'read' })],
    [t('markUnreadDo'), IconMail, () => run({ action: 'unread' })],
    [t('archiveDo'), IconArchive, () => run({ action: 'archive' })],
  ];
  return (
    <Group
      mih={22}
      gap={2}
      wrap="nowrap"
      role="toolbar"
      aria-label={t('selected', { count: ids.length })}
      data-testid="bulk"
    >
      <CloseButton size="sm" aria-label={t('selectNone')} onClick={() => onDone([])} />
      <Text size="sm" fw={600} mr="auto" role="status">
        {t('selected', { count: ids.length })}
      </Text>
      {quick.map(([label, Icon, act]) => (
        <Tooltip key={label} label={label}>
          <ActionIcon aria-label={label} disabled={busy} onClick={act}>
            <Icon size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      ))}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t('moreActions')} loading={busy}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {rest.map(([label, Icon, act]) => (
            <Menu.Item key={label} leftSection={<Icon size={16} aria-hidden />} onClick={act}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {(asking === 'labels_add' || asking === 'labels_remove') && (
        <LabelsModal
          chosen={[]}
          title={t(asking === 'labels_add' ? 'labelsAdd' : 'labelsRemove')}
          onClose={stop}
          onPick={(labels) => labels.length > 0 && run({ action: asking, labels })}
        />
      )}
      {asking === 'snooze' && (
        <SnoozeModal
          onClose={stop}
          onPick={(until) => run({ action: 'snooze', until: until.toISOString() })}
        />
      )}
      {asking === 'priority' && (
        <PriorityModal
          now={null}
          onClose={stop}
          onPick={(priority) => run({ action: 'priority', priority })}
        />
      )}
    </Group>
  );
}
