import { Button, Loader, Text } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { me } from '../../api/session';
import type { Conversation, Message } from '../../api/types';
import { useQueryParam } from '../../app/useQueryParam';
import { outbox, type Pending } from '../../conversations/outbox';
import type { useMessages } from '../../conversations/queries';
import { day, dayKey } from '../../i18n/format';
import { useStore } from '../../store';
import { MessageBubble } from './MessageBubble';
import classes from './MessageList.module.css';
import { PendingBubble } from './PendingBubble';
import { again } from './resend';
import { firstUnread, type Reaction, type Row, reactionsOf, rowsOf } from './rows';
import { inbox } from './texts';

/** This close to the end is at the end; pixels. */
const NEAR = 80;

const UPWARDS = new Set(['ArrowUp', 'PageUp', 'Home']);

interface Props {
  conversation: Conversation;
  query: ReturnType<typeof useMessages>;
  onQuote: ((message: Message) => void) | undefined;
  onEdit: (pending: Pending) => boolean;
}

/**
 * The messages, of which only those near to what is looked at are in the page. It stays at the
 * end while somebody is there, and stays where it is when older ones come in above.
 */
export function MessageList({ conversation, query, onQuote, onEdit }: Props) {
  const t = inbox.useText();
  const box = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const { messages, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const all = useStore(outbox);
  const pending = useMemo(
    () => all.filter((one) => one.conversation === conversation.id),
    [all, conversation.id],
  );

  // As it was when the conversation was opened: reading it must not take the line away.
  const [unread] = useState(conversation.unread_count);
  const from = useRef<number | null | undefined>(undefined);
  if (from.current === undefined && messages.length > 0) {
    from.current = firstUnread(messages, unread);
  }
  const unreadFrom = from.current ?? null;
  const rows = useMemo(
    () => rowsOf(messages, pending, unreadFrom, me().id),
    [messages, pending, unreadFrom],
  );
  const byExternal = useMemo(
    () => new Map(messages.map((message) => [message.external_id, message])),
    [messages],
  );

  const reactions = useMemo(() => reactionsOf(messages, me().id), [messages]);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (rows[index]?.kind === 'message' ? 64 : 44),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
    paddingStart: 12,
    paddingEnd: 12,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR,
  });

  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || rows.length === 0) return;
    begun.current = true;
    virtual.scrollToIndex(rows.length - 1, { align: 'end' });
  }, [rows.length, virtual]);

  const [away, setAway] = useState(false);
  // Whether somebody is at the end: they leave it by their own hand, not by what grows below.
  const stays = useRef(true);
  const top = useRef(0);
  const leaves = () => {
    stays.current = false;
  };
  const watch = useCallback(() => {
    const at = box.current;
    if (!at) return;
    const left = at.scrollHeight - at.scrollTop - at.clientHeight;
    // Whoever has just begun to leave is still near.
    if (left <= NEAR && at.scrollTop >= top.current) stays.current = true;
    top.current = at.scrollTop;
    setAway(left > NEAR * 3);
  }, []);
  const keepEnd = useCallback(() => {
    if (begun.current && stays.current) {
      virtual.scrollToIndex(virtual.options.count - 1, { align: 'end' });
    }
  }, [virtual]);
  // Rows are measured after they were guessed, and a keyboard on the screen takes room away.
  const height = virtual.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is what has grown.
  useEffect(keepEnd, [height]);
  useEffect(() => {
    const at = box.current;
    if (!at) return;
    const observer = new ResizeObserver(keepEnd);
    observer.observe(at);
    // The page may not be as tall yet when the effect above has run.
    if (inside.current) observer.observe(inside.current);
    return () => observer.disconnect();
  }, [keepEnd]);

  const shown = virtual.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  useEffect(() => {
    if (begun.current && first < 8 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [first, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const toEnd = () => {
    stays.current = true;
    virtual.scrollToIndex(rows.length - 1, { align: 'end' });
  };
  // What somebody has just sent is what they want to see.
  const mine = pending.length;
  const before = useRef(mine);
  useEffect(() => {
    if (mine > before.current) {
      stays.current = true;
      virtual.scrollToIndex(rows.length - 1, { align: 'end' });
    }
    before.current = mine;
  }, [mine, rows.length, virtual]);

  const show = useCallback(
    (id: string) => {
      const index = rows.findIndex(({ key }) => key === id);
      stays.current = false;
      if (index >= 0) virtual.scrollToIndex(index, { align: 'center' });
    },
    [rows, virtual],
  );
  const lastSeq = messages.at(-1)?.seq ?? 0;
  useTarget(messages, query, show, box);

  return (
    <div className={classes.messagesBox}>
      {isFetchingNextPage && (
        <div className={classes.older} role="status">
          <Loader size={14} aria-hidden /> {t('older')}
        </div>
      )}
      <div
        className={classes.messages}
        ref={box}
        onScroll={watch}
        onWheel={({ deltaY }) => deltaY < 0 && leaves()}
        onTouchMove={leaves}
        // The bar beside the messages.
        onPointerDown={({ target, currentTarget }) => target === currentTarget && leaves()}
        onKeyDown={({ key }) => UPWARDS.has(key) && leaves()}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls with the keys.
        tabIndex={0}
        role="log"
        aria-label={t('messages')}
        data-testid="message-list"
      >
        {!hasNextPage && messages.length === 0 && (
          <Text c="dimmed" ta="center" p="xl">
            {t('noMessages')}
          </Text>
        )}
        <div className={classes.rows} style={{ height }} ref={inside}>
          {shown.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={classes.item}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Line
                  row={row}
                  byExternal={byExternal}
                  reactions={reactions}
                  lastSeq={lastSeq}
                  onQuote={onQuote}
                  onShow={show}
                  onEdit={onEdit}
                />
              </div>
            );
          })}
        </div>
      </div>
      {away && (
        <Button
          className={classes.toEnd}
          size="compact-sm"
          radius="xl"
          variant="default"
          leftSection={<IconArrowDown size={14} aria-hidden />}
          onClick={toEnd}
        >
          {t('toBottom')}
        </Button>
      )}
    </div>
  );
}

/** How many pages are read to find what a link leads to: 10,000 messages. */
const PAGES_MAX = 100;

/** A link may lead to one message: `?message=<its seq>`. It is shown once, and the link is forgotten. */
function useTarget(
  messages: readonly Message[],
  { hasNextPage, isFetchingNextPage, fetchNextPage, data }: Props['query'],
  show: (id: string) => void,
  box: RefObject<HTMLDivElement | null>,
): void {
  const [asked, setAsked] = useQueryParam('message');
  const seq = asked === null ? Number.NaN : Number(asked);
  const found = messages.find((message) => message.seq === seq)?.id;
  const pages = data?.pages.length ?? 0;
  const older = messages.length > 0 && seq < (messages[0]?.seq ?? 0);
  const more = older && hasNextPage && pages < PAGES_MAX;
  useEffect(() => {
    if (found === undefined) {
      if (more && !isFetchingNextPage) void fetchNextPage();
      return;
    }
    // After the list has gone to its end, as it does first.
    const soon = setTimeout(() => {
      show(found);
      setTimeout(() => mark(box.current, found), 150);
      setAsked(null);
    }, 60);
    return () => clearTimeout(soon);
  }, [found, more, isFetchingNextPage, fetchNextPage, show, setAsked, box]);
}

/** Points at a message for a moment. */
function mark(box: HTMLElement | null, id: string): void {
  const at = box?.querySelector(`[data-message="${CSS.escape(id)}"]`);
  at?.animate([{ outline: '2px solid var(--mantine-primary-color-filled)' }, {}], 1800);
}

interface LineProps {
  row: Row;
  byExternal: Map<string | null | undefined, Message>;
  reactions: Map<string, Reaction[]>;
  lastSeq: number;
  onQuote: ((message: Message) => void) | undefined;
  onShow: (id: string) => void;
  onEdit: (pending: Pending) => boolean;
}

function Line({ row, byExternal, reactions, lastSeq, onQuote, onShow, onEdit }: LineProps) {
  const t = inbox.useText();
  switch (row.kind) {
    case 'day':
      return (
        <div className={classes.day}>
          <span>{dayName(row.at, t)}</span>
        </div>
      );
    case 'unread':
      return (
        <div className={classes.newLine} data-testid="unread-line">
          <span>{t('newMessages')}</span>
        </div>
      );
    case 'pending':
      return <PendingBubble pending={row.pending} lastSeq={lastSeq} onEdit={onEdit} />;
    default: {
      const { message, follows } = row;
      const quoted = message.quoted ? byExternal.get(message.quoted) : undefined;
      return (
        <MessageBubble
          message={message}
          follows={follows}
          quoted={quoted}
          onQuote={onQuote}
          onShow={onShow}
          reactions={message.external_id ? reactions.get(message.external_id) : undefined}
          lost={onQuote ? again(message, quoted?.id ?? null, lastSeq) : null}
        />
      );
    }
  }
}

function dayName(at: string, t: ReturnType<typeof inbox.useText>): string {
  const now = Date.now();
  if (dayKey(at) === dayKey(new Date(now).toISOString())) return t('today');
  if (dayKey(at) === dayKey(new Date(now - 86_400_000).toISOString())) return t('yesterday');
  return day(at);
}
