import { ActionIcon, Avatar, Badge, Button, Group, Menu, Text, Tooltip } from '@mantine/core';
import {
  IconArchive,
  IconArchiveOff,
  IconArrowLeft,
  IconCircleCheck,
  IconDots,
  IconFlag,
  IconHourglass,
  IconInfoCircle,
  IconMail,
  IconRobot,
  IconTag,
  IconTransfer,
  IconUserShare,
  IconZzz,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { useNavigate } from 'react-router';
import { me } from '../../api/session';
import type { Conversation } from '../../api/types';
import { nameOf } from '../../conversations/names';
import { useOnline } from '../../conversations/queries';
import { viewers } from '../../conversations/viewing';
import { moment, phone, span } from '../../i18n/format';
import { useStore } from '../../store';
import classes from './ChatHeader.module.css';
import { customerName, ModeMark } from './ConversationRow';
import { inbox } from './texts';

const NOBODY: readonly string[] = [];

export interface ChatActions {
  takeOver: () => void;
  finish: () => void;
  transfer: () => void;
  returnToBot: () => void;
  labels: () => void;
  priority: () => void;
  snooze: () => void;
  endSnooze: () => void;
  archive: () => void;
  unarchive: () => void;
  unread: () => void;
}

/** What may be done with a conversation as it is now. */
export function possible(conversation: Conversation) {
  const { id, permissions, role } = me();
  const attends = permissions.includes('conversation:attend');
  const may = permissions.includes('conversation:transfer');
  const leads = conversation.mode === 'human' && conversation.assigned_user?.id === id;
  // Who may manage the queue may also decide over colleagues' conversations.
  const decides = leads || role !== 'attendant';
  const goesOn = conversation.mode !== 'closed';
  return {
    leads,
    takeOver: attends && goesOn && !leads && (conversation.mode !== 'human' || decides),
    finish: attends && goesOn && (conversation.mode !== 'human' || decides),
    transfer: may && conversation.mode === 'human' && decides,
    tools: attends,
    priority: attends && goesOn,
    snooze: attends && goesOn,
    snoozed: conversation.snoozed_until != null,
    archive: attends && !goesOn && conversation.status !== 'archived',
    archived: conversation.status === 'archived',
    returnToBot: may && goesOn && conversation.mode !== 'bot' && decides,
  };
}

interface Props {
  conversation: Conversation;
  /** How long free text can still be sent; milliseconds, `null` if never. */
  left: number | null;
  actions: ChatActions;
  busy: boolean;
  panel: boolean;
  onPanel: () => void;
}

export function ChatHeader({ conversation, left, actions, busy, panel, onPanel }: Props) {
  const t = inbox.useText();
  const navigate = useNavigate();
  const may = possible(conversation);
  const { customer, assigned_user: owner, mode } = conversation;
  return (
    <header className={classes.chatHead}>
      <ActionIcon
        hiddenFrom="sm"
        size="lg"
        aria-label={t('back')}
        onClick={() => void navigate(`/inbox${location.search}`)}
      >
        <IconArrowLeft size={20} aria-hidden />
      </ActionIcon>
      <div className={classes.who}>
        <Group gap="xs" wrap="nowrap" className={classes.line}>
          <Text
            component="h1"
            fw={600}
            size="lg"
            truncate
            className={classes.name}
            data-testid="customer-name"
          >
            {customerName(conversation)}
          </Text>
          <span data-testid="agent-indicator" className={classes.indicator}>
            <ModeMark mode={mode} />
          </span>
        </Group>
        <Group gap="xs" wrap="nowrap" className={`${classes.line} ${classes.sub}`}>
          <Text size="xs" c="dimmed" truncate className={classes.by}>
            {mode === 'human' && owner
              ? t('ledBy', { name: owner.name ?? t('attendant') })
              : phone(customer.phone ?? customer.address)}
          </Text>
          {left !== null && mode !== 'closed' && <Window left={left} />}
          {conversation.snoozed_until && (
            <Badge size="sm" variant="light" color="indigo" data-testid="snoozed">
              {t('snoozedUntil', { at: moment(conversation.snoozed_until) })}
            </Badge>
          )}
          {may.archived && (
            <Badge size="sm" variant="light" color="gray" data-testid="archived">
              {t('archivedMark')}
            </Badge>
          )}
          {conversation.quarantined && (
            <Badge size="sm" color="red">
              {t('quarantined')}
            </Badge>
          )}
        </Group>
      </div>
      <Group gap={6} wrap="nowrap" ml="auto">
        <Viewers id={conversation.id} />
        {may.takeOver && (
          <Button
            size="compact-md"
            loading={busy}
            onClick={actions.takeOver}
            data-testid="takeover"
            aria-keyshortcuts="A"
          >
            {mode === 'human' && owner?.name
              ? t('takeOverFrom', { name: owner.name })
              : t('takeOver')}
          </Button>
        )}
        {may.finish && may.leads && (
          <Button
            size="compact-md"
            variant="light"
            className={classes.finish}
            aria-label={t('finish')}
            loading={busy}
            leftSection={<IconCircleCheck size={16} aria-hidden />}
            onClick={actions.finish}
            data-testid="finish"
            aria-keyshortcuts="E"
          >
            <span className={classes.finishWord}>{t('finish')}</span>
          </Button>
        )}
        {may.transfer && (
          <Tooltip label={t('transfer')}>
            <ActionIcon
              size="lg"
              visibleFrom="sm"
              aria-label={t('transfer')}
              onClick={actions.transfer}
              data-testid="transfer"
            >
              <IconTransfer size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon size="lg" aria-label={t('moreActions')}>
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              disabled={!may.transfer}
              leftSection={<IconUserShare size={16} aria-hidden />}
              onClick={actions.transfer}
            >
              {t('transfer')}
            </Menu.Item>
            <Menu.Item
              disabled={!may.returnToBot}
              leftSection={<IconRobot size={16} aria-hidden />}
              onClick={actions.returnToBot}
            >
              {t('returnToBot')}
            </Menu.Item>
            <Menu.Item
              disabled={!may.finish}
              leftSection={<IconCircleCheck size={16} aria-hidden />}
              onClick={actions.finish}
            >
              {t('finish')}
            </Menu.Item>
            {may.tools && <Tools may={may} actions={actions} />}
          </Menu.Dropdown>
        </Menu>
        <Tooltip label={t(panel ? 'hideCustomer' : 'showCustomer')}>
          <ActionIcon
            size="lg"
            aria-label={t(panel ? 'hideCustomer' : 'showCustomer')}
            aria-pressed={panel}
            onClick={onPanel}
          >
            <IconInfoCircle size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
    </header>
  );
}

function Tools({ may, actions }: { may: ReturnType<typeof possible>; actions: ChatActions }) {
  const t = inbox.useText();
  const items: [boolean, string, ComponentType<{ size: number }>, () => void, string][] = [
    [true, t('labels'), IconTag, actions.labels, 'L'],
    [may.priority, t('priority'), IconFlag, actions.priority, '⇧P'],
    [may.snooze && !may.snoozed, t('snooze'), IconZzz, actions.snooze, 'S'],
    [may.snoozed, t('snoozeEnd'), IconZzz, actions.endSnooze, 'S'],
    [true, t('markUnreadDo'), IconMail, actions.unread, '⇧U'],
    [may.archive, t('archiveDo'), IconArchive, actions.archive, '⇧E'],
    [may.archived, t('unarchiveDo'), IconArchiveOff, actions.unarchive, '⇧E'],
  ];
  return (
    <>
      <Menu.Divider />
      {items
        .filter(([on]) => on)
        .map(([, label, Icon, act, keys]) => (
          <Menu.Item
            key={label}
            leftSection={<Icon size={16} aria-hidden />}
            rightSection={
              <Text size="xs" c="dimmed" aria-hidden>
                {keys}
              </Text>
            }
            onClick={act}
          >
            {label}
          </Menu.Item>
        ))}
    </>
  );
}

/** Colleagues who have it before their eyes, too. */
function Viewers({ id }: { id: string }) {
  const t = inbox.useText();
  const looking = useStore(viewers, (now) => now[id] ?? NOBODY);
  useOnline();
  if (looking.length === 0) return null;
  const names = looking.map((user) => nameOf(user) ?? t('attendant'));
  const label = t(names.length > 1 ? 'lookingMany' : 'looking', { names: names.join(', ') });
  return (
    <Tooltip label={label}>
      <Avatar.Group spacing={8} role="img" aria-label={label} data-testid="viewers">
        {names.slice(0, 4).map((name, at) => (
          <Avatar key={looking[at]} size={26} name={name} color="initials" aria-hidden />
        ))}
      </Avatar.Group>
    </Tooltip>
  );
}

function Window({ left }: { left: number }) {
  const t = inbox.useText();
  const soon = left < 2 * 3_600_000;
  const label = left > 0 ? t('windowOpen', { span: span(left) }) : t('windowClosed');
  return (
    <Tooltip label={label} multiline maw={280}>
      <Badge
        size="sm"
        variant="light"
        color={left <= 0 ? 'red' : soon ? 'orange' : 'gray'}
        leftSection={<IconHourglass size={11} aria-hidden />}
        className={classes.window}
        data-testid="window"
        aria-label={label}
      >
        {left > 0 ? t('windowShort', { span: span(left) }) : t('closed')}
      </Badge>
    </Tooltip>
  );
}
