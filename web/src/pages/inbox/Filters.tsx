import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Indicator,
  Menu,
  Popover,
  Select,
  Stack,
  Switch,
  Text,
} from '@mantine/core';
import { IconChevronDown, IconClock, IconFilter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { me } from '../../api/session';
import type { Channel } from '../../api/types';
import { useQueryParam } from '../../app/useQueryParam';
import {
  type Filter,
  MORE,
  type Narrowed,
  NOT_NARROWED,
  PRIORITIES,
  type Priority,
  TABS,
} from '../../conversations/filters';
import { useLabels } from '../../conversations/labels';
import { useDepartments } from '../../conversations/queries';
import { countOf, useStats } from '../../conversations/stats';
import classes from './Inbox.module.css';
import { inbox } from './texts';

/** The lists, with how many there are in each. */
export function Tabs({ filter, onFilter }: { filter: Filter; onFilter: (next: Filter) => void }) {
  const t = inbox.useText();
  const { data: stats } = useStats();
  const [, askMine] = useQueryParam('mine');
  const behind = MORE.some((one) => one === filter);
  const count = (one: Filter) => {
    const there = countOf(stats, one);
    return there > 0 && <span className={classes.tabCount}>{there > 999 ? '999+' : there}</span>;
  };
  return (
    <Group gap={0} wrap="nowrap">
      <div className={classes.filters}>
        {TABS.map((one) => (
          <Button
            key={one}
            size="compact-xs"
            className={classes.filter}
            variant={one === filter ? 'light' : 'subtle'}
            color={one === filter ? 'brand' : 'gray'}
            aria-pressed={one === filter}
            onClick={() => onFilter(one)}
          >
            {t(one)} {count(one)}
          </Button>
        ))}
      </div>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            size="compact-xs"
            ml="auto"
            className={classes.filter}
            variant={behind ? 'light' : 'subtle'}
            color={behind ? 'brand' : 'gray'}
            rightSection={<IconChevronDown size={12} aria-hidden />}
            aria-label={behind ? t('moreListsAnd', { name: t(filter) }) : t('moreLists')}
            data-testid="more-lists"
          >
            {behind ? t(filter) : t('more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {MORE.map((one) => (
            <Menu.Item
              key={one}
              aria-current={one === filter || undefined}
              rightSection={count(one)}
              onClick={() => onFilter(one)}
            >
              {t(one)}
            </Menu.Item>
          ))}
          {me().permissions.includes('conversation:attend') && (
            <>
              <Menu.Divider />
              <Menu.Item
                leftSection={<IconClock size={16} aria-hidden />}
                onClick={() => askMine('scheduled')}
                data-testid="scheduled-mine"
              >
                {t('scheduledMine')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

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
  const { data = [] } = useQuery({
    queryKey: ['channels'],
    queryFn: async ({ signal }): Promise<Channel[]> =>
      (await answer(api.GET('/api/v1/channels', { signal }))).data,
    enabled: me().permissions.includes('whatsapp:config'),
    staleTime: 60_000,
  });
  return data;
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
          className={classes.chip}
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
