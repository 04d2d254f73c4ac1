import { Avatar, Button, Group, SegmentedControl, Select } from '@mantine/core';
import { IconSearchOff } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'react-router';
import type { Hit } from '../../api/types';
import { EmptyState } from '../../app/EmptyState';
import { useNow } from '../../app/useNow';
import { AMONG_ALL, type Among, SPANS, type useHits, WRITERS } from '../../conversations/search';
import { brief, phone } from '../../i18n/format';
import list from './ConversationList.module.css';
import row from './ConversationRow.module.css';
import classes from './Found.module.css';
import { inbox } from './texts';

export type Where = 'conversations' | 'messages';

/** A name, its time, and two lines of what was said. */
const ROW = 92;

/** Whether conversations are shown that fit, or messages. */
export function WhereSwitch({
  where,
  onWhere,
  found,
}: {
  where: Where;
  onWhere: (where: Where) => void;
  found: ReturnType<typeof useHits>;
}) {
  const t = inbox.useText();
  const count = found.data ? ` ${found.hits.length}${found.hasNextPage ? '+' : ''}` : '';
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label={t('lookIn')}
      value={where}
      onChange={(next) => onWhere(next as Where)}
      data={[
        { value: 'conversations', label: t('title') },
        { value: 'messages', label: `${t('messages')}${count}` },
      ]}
    />
  );
}

/** Whose words, of when, in whose conversations. */
export function AmongBar({ among, onAmong }: { among: Among; onAmong: (next: Among) => void }) {
  const t = inbox.useText();
  return (
    <Group gap={6} wrap="nowrap">
      <Button
        size="compact-xs"
        flex="none"
        px={6}
        variant={among.mine ? 'light' : 'subtle'}
        color={among.mine ? 'brand' : 'gray'}
        aria-pressed={among.mine}
        onClick={() => onAmong({ ...among, mine: !among.mine })}
      >
        {t('mine')}
      </Button>
      <Select
        size="xs"
        flex={1}
        aria-label={t('writtenBy')}
        placeholder={t('byAnybody')}
        value={among.writer}
        data={WRITERS.map((value) => ({ value, label: t(`by_${value}`) }))}
        onChange={(writer) => onAmong({ ...among, writer: writer as Among['writer'] })}
        clearable
        clearButtonProps={{ 'aria-label': t('any') }}
      />
      <Select
        size="xs"
        flex={1}
        aria-label={t('writtenWhen')}
        placeholder={t('anyTime')}
        value={among.span === null ? null : String(among.span)}
        data={SPANS.map((days) => ({ value: String(days), label: t(`span_${days}`) }))}
        onChange={(days) =>
          onAmong({ ...among, span: SPANS.find((one) => String(one) === days) ?? null })
        }
        clearable
        clearButtonProps={{ 'aria-label': t('any') }}
      />
    </Group>
  );
}

/** What was found in messages; a touch opens the conversation there. */
export function Found({
  q,
  found,
  among,
  onAmong,
}: {
  q: string;
  found: ReturnType<typeof useHits>;
  among: Among;
  onAmong: (next: Among) => void;
}) {
  const t = inbox.useText();
  const box = useRef<HTMLDivElement>(null);
  const now = useNow(60_000);
  const { search } = useLocation();
  const { hits, hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const virtual = useVirtualizer({
    count: hits.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (index) => hits[index]?.message_id ?? index,
    overscan: 8,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= hits.length - 5 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, hits.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (hits.length === 0) {
    const narrowed = among.mine || among.writer !== null || among.span !== null;
    return (
      <EmptyState icon={IconSearchOff} title={t('emptySearch', { q })}>
        {t('emptyFoundHint')}
        {narrowed && (
          <Button mt="xs" variant="light" onClick={() => onAmong(AMONG_ALL)}>
            {t('narrowNothing')}
          </Button>
        )}
      </EmptyState>
    );
  }
  return (
    <div className={list.scroll} ref={box} data-testid="hits">
      <ul
        className={list.rows}
        style={{ height: virtual.getTotalSize() }}
        aria-label={t('messages')}
      >
        {shown.map((item) => {
          const hit = hits[item.index];
          return (
            hit && (
              <li
                key={item.key}
                className={list.item}
                style={{ height: ROW, transform: `translateY(${item.start}px)` }}
              >
                <HitRow hit={hit} search={search} now={now} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

function HitRow({ hit, search, now }: { hit: Hit; search: string; now: number }) {
  const name = hit.customer.name ?? phone(hit.address);
  const query = new URLSearchParams(search);
  query.set('message', String(hit.seq));
  return (
    <Link to={`/inbox/${hit.conversation_id}?${query}`} className={row.row} data-testid="hit">
      <Avatar size={38} radius="xl" name={name} color="initials" aria-hidden />
      <span className={row.rowBody}>
        <span className={row.rowLine}>
          <span className={row.rowName}>{name}</span>
          <time className={row.rowTime} dateTime={hit.sent_at}>
            {brief(hit.sent_at, now)}
          </time>
        </span>
        <span className={classes.text}>
          <Sender hit={hit} />
          {hit.snippet.map((piece, at) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, in its order.
            piece.hit ? <mark key={at}>{piece.text}</mark> : piece.text,
          )}
        </span>
      </span>
    </Link>
  );
}

/** Who said it, where it was not the customer. */
function Sender({ hit: { sender_type, sender, message_type } }: { hit: Hit }) {
  const t = inbox.useText();
  if (sender_type === 'customer') return null;
  if (sender_type === 'bot') return '🤖 ';
  const who = sender?.name ?? t(sender_type === 'phone' ? 'phoneSender' : 'attendant');
  return `${message_type === 'note' ? '📝 ' : ''}${who}: `;
}
