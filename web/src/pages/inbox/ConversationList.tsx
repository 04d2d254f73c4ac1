import {
  ActionIcon,
  Avatar,
  Box,
  Button,
  CloseButton,
  Group,
  Skeleton,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { IconInbox, IconMessagePlus, IconSearch, IconSearchOff } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type Ref, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'react-router';
import { me } from '../../api/session';
import type { Conversation } from '../../api/types';
import { EmptyState } from '../../app/EmptyState';
import { PersonAvatar } from '../../app/PersonAvatar';
import { type Filter, type Narrowed, NOT_NARROWED } from '../../conversations/filters';
import { type useConversations, useOnline } from '../../conversations/queries';
import { AMONG_ALL, type Among, useHits } from '../../conversations/search';
import { common } from '../../i18n/common';
import { BulkBar } from './BulkBar';
import classes from './ConversationList.module.css';
import { ConversationRow } from './ConversationRow';
import { NarrowButton, NarrowedTo } from './Filters';
import { AmongBar, Found, type Where, WhereSwitch } from './Found';
import { Tabs } from './Tabs';
import { inbox } from './texts';

const ROW = 84;
const SKELETONS = [0, 1, 2, 3, 4, 5, 6, 7];

interface Props {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  q: string;
  /** Those that are looked for by now; empty if there are too few. */
  words: string;
  onSearch: (q: string) => void;
  searchRef: Ref<HTMLInputElement>;
  narrowed: Narrowed;
  onNarrow: (change: Partial<Narrowed>) => void;
  query: ReturnType<typeof useConversations>;
  rows: Conversation[];
  active: string | undefined;
  selected: string[];
  /** Takes one in or out; or all up to it. */
  onSelect: (id: string, range: boolean) => void;
  /** Writes to somebody first, for those who may. */
  onNew: (() => void) | null;
  /** What is selected from now on. */
  onSelected: (ids: string[]) => void;
}

export function ConversationList(props: Props) {
  const t = inbox.useText();
  const { filter, q, words, narrowed, rows, query } = props;
  const [among, setAmong] = useState(AMONG_ALL);
  const [chosen, choose] = useState<Where | null>(null);
  const { department, channel } = narrowed;
  const found = useHits(words, { department, channel }, among);
  const nothing = !query.isPending && !query.isError && rows.length === 0 && !query.hasNextPage;
  const where = chosen ?? (nothing && found.hits.length > 0 ? 'messages' : 'conversations');
  const inMessages = words !== '' && where === 'messages';
  useEffect(() => {
    if (words !== '') return;
    choose(null);
    setAmong(AMONG_ALL);
  }, [words]);
  const search = (next: Among) => {
    // Where nothing is left of what came by itself, it is still messages that are looked for.
    choose('messages');
    setAmong(next);
  };
  return (
    <section className={classes.list} aria-label={t('list')}>
      <div className={classes.listHead}>
        <Group gap={6} wrap="nowrap">
          <TextInput
            ref={props.searchRef}
            className={classes.search}
            size="sm"
            type="search"
            aria-label={t('search')}
            placeholder={t('searchShort')}
            value={q}
            onChange={(event) => props.onSearch(event.currentTarget.value)}
            leftSection={<IconSearch size={16} aria-hidden />}
            rightSection={
              q && (
                <CloseButton
                  size="sm"
                  aria-label={t('clearSearch')}
                  onClick={() => props.onSearch('')}
                />
              )
            }
            maxLength={100}
          />
          <NarrowButton narrowed={props.narrowed} onNarrow={props.onNarrow} />
          {props.onNew && (
            <Tooltip label={t('newConversation')}>
              <ActionIcon
                size={36}
                variant="light"
                color="brand"
                aria-label={t('newConversation')}
                aria-keyshortcuts="C"
                onClick={props.onNew}
                data-testid="new-conversation"
              >
                <IconMessagePlus size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
        {words !== '' && <WhereSwitch where={where} onWhere={choose} found={found} />}
        {inMessages ? (
          <AmongBar among={among} onAmong={search} />
        ) : props.selected.length > 0 ? (
          <BulkBar ids={props.selected} onDone={props.onSelected} />
        ) : (
          <Tabs filter={filter} onFilter={props.onFilter} />
        )}
        <NarrowedTo
          narrowed={inMessages ? { ...NOT_NARROWED, department, channel } : narrowed}
          onNarrow={props.onNarrow}
        />
        <Colleagues />
      </div>
      {inMessages ? (
        found.isPending ? (
          <Waiting />
        ) : found.isError && found.hits.length === 0 ? (
          <Failed retry={() => void found.refetch()} />
        ) : (
          <Found q={words} found={found} among={among} onAmong={search} />
        )
      ) : query.isPending ? (
        <Waiting />
      ) : query.isError && rows.length === 0 ? (
        <Failed retry={() => void query.refetch()} />
      ) : nothing ? (
        <Nothing filter={filter} q={q} narrowed={narrowed} />
      ) : (
        <Rows {...props} />
      )}
    </section>
  );
}

function Rows({ rows, query, active, selected, onSelect }: Props) {
  const t = inbox.useText();
  const box = useRef<HTMLDivElement>(null);
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 60_000, { autoInvoke: true });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    // A filter of this page may hide all of what came: then more comes by itself.
    if (last >= rows.length - 10 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const { search } = useLocation();
  const chosen = useMemo(() => new Set(selected), [selected]);
  // The rows stay as they are while what a touch does to the selection changes.
  const latest = useRef(onSelect);
  useEffect(() => {
    latest.current = onSelect;
  });
  const pick = useCallback((id: string, range: boolean) => latest.current(id, range), []);

  const activeIndex = rows.findIndex(({ id }) => id === active);
  useEffect(() => {
    if (activeIndex >= 0) virtual.scrollToIndex(activeIndex, { align: 'auto' });
  }, [activeIndex, virtual]);

  return (
    <div className={classes.scroll} ref={box} data-testid="conversation-list">
      <ul
        className={classes.rows}
        style={{ height: virtual.getTotalSize() }}
        aria-label={t('list')}
      >
        {shown.map((item) => {
          const conversation = rows[item.index];
          if (!conversation) return null;
          return (
            <li
              key={item.key}
              className={classes.item}
              style={{ height: ROW, transform: `translateY(${item.start}px)` }}
            >
              <ConversationRow
                conversation={conversation}
                active={conversation.id === active}
                selected={chosen.has(conversation.id)}
                selecting={selected.length > 0}
                onSelect={pick}
                search={search}
                now={now}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Colleagues() {
  const t = inbox.useText();
  const { data = [] } = useOnline();
  const others = data.filter(({ id }) => id !== me().id);
  if (others.length === 0) return null;
  const names = others.map(({ full_name }) => full_name).join(', ');
  return (
    <Tooltip label={names} multiline maw={280}>
      <div className={classes.online} data-testid="online">
        <span className={classes.dot} />
        {t('online', { count: others.length })}
        <Avatar.Group spacing={6} ml="auto" aria-hidden>
          {others.slice(0, 5).map(({ id, full_name, avatar_url }) => (
            <PersonAvatar key={id} size={20} name={full_name} src={avatar_url} />
          ))}
        </Avatar.Group>
      </div>
    </Tooltip>
  );
}

function Waiting() {
  const word = common.useText();
  return (
    <div className={classes.skeletons} role="status" aria-label={word('loading')}>
      {SKELETONS.map((one) => (
        <Group key={one} gap="sm" wrap="nowrap">
          <Skeleton circle height={38} />
          <Box flex={1}>
            <Skeleton height={10} width="60%" mb={11} />
            <Skeleton height={8} width="90%" />
          </Box>
        </Group>
      ))}
    </div>
  );
}

function Failed({ retry }: { retry: () => void }) {
  const t = inbox.useText();
  const word = common.useText();
  return (
    <EmptyState icon={IconInbox} title={t('loadFailed')}>
      <Button mt="xs" variant="light" onClick={retry}>
        {word('retry')}
      </Button>
    </EmptyState>
  );
}

function Nothing({ filter, q, narrowed }: { filter: Filter; q: string; narrowed: Narrowed }) {
  const t = inbox.useText();
  if (!q && Object.values(narrowed).some(Boolean)) {
    return (
      <EmptyState icon={IconSearchOff} title={t('emptyNarrowed')}>
        {t('emptyNarrowedHint')}
      </EmptyState>
    );
  }
  return q ? (
    <EmptyState icon={IconSearchOff} title={t('emptySearch', { q })}>
      {t('emptySearchHint')}
    </EmptyState>
  ) : (
    <EmptyState icon={IconInbox} title={t(`empty_${filter}`)}>
      {t(`emptyHint_${filter}`)}
    </EmptyState>
  );
}
