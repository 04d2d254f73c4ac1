import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Indicator,
  Popover,
  Select,
  Stack,
  Switch,
  Text,
} from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useEveryChannel } from '../../api/directory';
import { me } from '../../api/session';
import {
  type Narrowed,
  NOT_NARROWED,
  PRIORITIES,
  type Priority,
} from '../../conversations/filters';
import { useLabels } from '../../conversations/labels';
import { useDepartments } from '../../conversations/queries';
import { inbox } from './texts';

interface Props {
  narrowed: Narrowed;
  onNarrow: (change: Partial<Narrowed>) => void;
}

/** What the list is narrowed to. */
export function NarrowButton({ narrowed, onNarrow }: Props) {
  const t = inbox.useText();
  const { data: labels = [] } = useLabels();
  const { data: departments = [] } = useDepartments();
  const channels = useChannelNames();
  const active = Object.values(narrowed).filter(Boolean).length;
  return (
    <Popover width={270} position="bottom-end" trapFocus returnFocus shadow="md">
      <Indicator label={active} size={16} disabled={active === 0} offset={5}>
        <Popover.Target>
          <ActionIcon
            size="lg"
            variant={active > 0 ? 'light' : 'subtle'}
            color={active > 0 ? 'brand' : 'gray'}
            title={t('narrow')}
            aria-label={active > 0 ? t('narrowBy', { count: active }) : t('narrow')}
            data-testid="narrow"
          >
            <IconFilter size={18} aria-hidden />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown aria-label={t('narrow')}>
        <Stack gap="sm">
          <Switch
            label={t('unreadOnly')}
            checked={narrowed.unread}
            onChange={(event) => onNarrow({ unread: event.currentTarget.checked })}
          />
          <Choice
            label={t('label')}
            value={narrowed.label}
            all={labels}
            onChange={(label) => onNarrow({ label })}
          />
          <Choice
            label={t('department')}
            value={narrowed.department}
            all={departments}
            onChange={(department) => onNarrow({ department })}
          />
          {channels.length > 1 && (
            <Choice
              label={t('channel')}
              value={narrowed.channel}
              all={channels}
              onChange={(channel) => onNarrow({ channel })}
            />
          )}
          <Choice
            label={t('priority')}
            value={narrowed.priority}
            all={PRIORITIES.map((id) => ({ id, name: t(id) }))}
            onChange={(priority) => onNarrow({ priority: priority as Priority | null })}
          />
          <Button
            size="compact-sm"
            variant="subtle"
            disabled={active === 0}
            onClick={() => onNarrow(NOT_NARROWED)}
          >
            {t('narrowNothing')}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Choice({
  label,
  value,
  all,
  onChange,
}: {
  label: string;
  value: string | null;
  all: readonly { id: string; name: string }[];
  onChange: (value: string | null) => void;
}) {
  const t = inbox.useText();
  return (
    <Select
      size="sm"
      label={label}
      placeholder={t('any')}
      value={value}
      data={all.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={onChange}
      clearable
      clearButtonProps={{ 'aria-label': t('any') }}
      searchable={all.length > 8}
      comboboxProps={{ withinPortal: false }}
      disabled={all.length === 0}
    />
  );
}

/** The numbers, for those who may know them. */
function useChannelNames(): { id: string; name: string }[] {
  return useEveryChannel(me().permissions.includes('whatsapp:config')).data ?? [];
}

/** Chips of what the list is narrowed to, each taken away by a touch. */
export function NarrowedTo({ narrowed, onNarrow }: Props) {
  const t = inbox.useText();
  const { data: labels = [] } = useLabels();
  const { data: departments = [] } = useDepartments();
  const channels = useChannelNames();
  const nameIn = (all: readonly { id: string; name: string }[], id: string) =>
    all.find((one) => one.id === id)?.name ?? '…';
  const { label, department, channel, priority, unread } = narrowed;
  const chips: [keyof Narrowed, string][] = [];
  if (unread) chips.push(['unread', t('unreadOnly')]);
  if (label) chips.push(['label', nameIn(labels, label)]);
  if (department) chips.push(['department', nameIn(departments, department)]);
  if (channel) chips.push(['channel', nameIn(channels, channel)]);
  if (priority) chips.push(['priority', t(priority)]);
  if (chips.length === 0) return null;
  return (
    <Group gap={4}>
      {chips.map(([key, name]) => (
        <Badge
          key={key}
          component="button"
          size="sm"
          variant="light"
          style={{ cursor: 'pointer' }}
          aria-label={t('narrowLess', { name })}
          onClick={() => onNarrow({ [key]: NOT_NARROWED[key] })}
          rightSection={
            <Text span inherit aria-hidden>
              ×
            </Text>
          }
        >
          {name}
        </Badge>
      ))}
    </Group>
  );
}
