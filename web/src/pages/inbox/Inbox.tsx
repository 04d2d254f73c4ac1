import { useDebouncedValue } from '@mantine/hooks';
import { IconMessages } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { me, session } from '../../api/session';
import { EmptyState } from '../../app/EmptyState';
import { later } from '../../app/later';
import { useShortcuts } from '../../app/shortcuts';
import { useQueryParam } from '../../app/useQueryParam';
import { settle } from '../../conversations/feed';
import {
  FILTERS,
  type Filter,
  type Narrowed,
  PRIORITIES,
  type Priority,
} from '../../conversations/filters';
import { known, useConversations } from '../../conversations/queries';
import { among, extended, NOTHING, type Selection, toggled } from '../../conversations/selection';
import { recall, remember } from '../../local';
import { ChatWindow } from './ChatWindow';
import { ConversationList } from './ConversationList';
import classes from './Inbox.module.css';
import { inbox } from './texts';
import { useScheduledModal } from './useScheduledModal';

const NewConversation = later(() =>
  import('./NewConversation').then((found) => found.NewConversation),
);

/** Words shorter than this find nothing. */
const LEAST = 2;

function isFilter(word: string | null): word is Filter {
  return FILTERS.some((one) => one === word);
}

/** Where attendants live: the list, the conversation, the customer. */
export default function Inbox() {
  const t = inbox.useText();
  const { conversation: id } = useParams();
  const navigate = useNavigate();
  const searchRef = useRef<HTMLInputElement>(null);
  const [q, setQ] = useState('');
  const [words] = useDebouncedValue(q.trim(), 250);
  const { filter, narrowed, choose, narrow } = useListOfAddress();

  const attends = me().permissions.includes('conversation:attend');
  const [begun, begin] = useQueryParam('new');

  const mine = useScheduledModal('mine', 'mine');

  const list = useMemo(
    () => ({ filter, q: words.length >= LEAST ? words : '', ...narrowed }),
    [filter, words, narrowed],
  );
  const query = useConversations(list);
  const { rows } = query;
  const order = useMemo(() => rows.map((one) => one.id), [rows]);
  // What was read stays among the unread until somebody looks elsewhere.
  useEffect(() => {
    if (id === undefined) return;
    return () => {
      setTimeout(() => {
        const left = known(id);
        // Unless they have left altogether.
        if (left && session.get().state === 'in') settle(left);
      });
    };
  }, [id]);

  const [selection, setSelection] = useState<Selection>(NOTHING);
  const selected = useMemo(() => among(selection, order), [selection, order]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list, another selection.
  useEffect(() => setSelection(NOTHING), [list]);
  const select = (row: string, range: boolean) =>
    setSelection((now) => (range ? extended(now, row, order) : toggled(now, row)));

  // Keys may be faster than the page that they lead to.
  const here = useRef(id);
  useEffect(() => {
    here.current = id;
  }, [id]);
  const walk = (step: number, selecting = false) => {
    const from = here.current;
    const at = order.indexOf(from ?? '');
    const next = order[at < 0 ? 0 : Math.min(order.length - 1, Math.max(0, at + step))];
    if (!next) return;
    here.current = next;
    if (selecting) {
      setSelection((now) => {
        const begun = now.anchor === null && from ? toggled(NOTHING, from) : now;
        return extended(begun, next, order);
      });
    }
    void navigate(`/inbox/${next}${location.search}`);
  };
  const group = t('group');
  useShortcuts([
    { keys: 'J', label: t('next'), group, run: () => walk(1) },
    { keys: 'K', label: t('previous'), group, run: () => walk(-1) },
    { keys: 'alt+ArrowDown', label: t('next'), group, run: () => walk(1), everywhere: true },
    { keys: 'alt+ArrowUp', label: t('previous'), group, run: () => walk(-1), everywhere: true },
    { keys: '/', label: t('focusSearch'), group, run: () => searchRef.current?.select() },
    { keys: 'U', label: t('unreadOnly'), group, run: () => narrow({ unread: !narrowed.unread }) },
    { keys: 'X', label: t('selectOne'), group, run: () => id && select(id, false) },
    { keys: 'shift+J', label: t('selectNext'), group, run: () => walk(1, true) },
    { keys: 'shift+K', label: t('selectPrevious'), group, run: () => walk(-1, true) },
    ...(selected.length > 0
      ? [{ keys: 'Escape', label: t('selectNone'), group, run: () => setSelection(NOTHING) }]
      : []),
    ...FILTERS.map((one, at) => ({
      keys: String(at + 1),
      label: t('filter', { name: t(one) }),
      group,
      run: () => choose(one),
    })),
  ]);

  return (
    <div className={classes.inbox} data-open={id !== undefined || undefined}>
      <ConversationList
        filter={filter}
        onFilter={choose}
        narrowed={narrowed}
        onNarrow={narrow}
        q={q}
        words={list.q}
        onSearch={setQ}
        searchRef={searchRef}
        query={query}
        rows={rows}
        active={id}
        selected={selected}
        onSelect={select}
        onNew={attends ? () => begin('1') : null}
        onSelected={(left) => setSelection({ ids: new Set(left), anchor: null })}
      />
      {id === undefined ? (
        <div className={classes.pick}>
          <EmptyState icon={IconMessages} title={t('pick')}>
            {t('pickHint')}
          </EmptyState>
        </div>
      ) : (
        <ChatWindow key={id} id={id} />
      )}
      {attends && mine.modal}
      {begun !== null && attends && (
        <NewConversation phone={begun === '1' ? '' : begun} onClose={() => begin(null)} />
      )}
    </div>
  );
}

/** Which list is shown, and what it is narrowed to, stand in the address. */
function useListOfAddress() {
  const [search, setSearch] = useSearchParams();
  const asked = search.get('list');
  const last = recall('filter', 'mine');
  const filter: Filter = isFilter(asked) ? asked : isFilter(last) ? last : 'mine';
  const label = search.get('label');
  const department = search.get('department');
  const channel = search.get('channel');
  const urgency = search.get('priority');
  const unread = search.get('unread') === '1';
  const narrowed = useMemo<Narrowed>(() => {
    const priority = PRIORITIES.some((one) => one === urgency) ? (urgency as Priority) : null;
    return { label, department, channel, priority, unread };
  }, [label, department, channel, urgency, unread]);

  const put = (change: Record<string, string | boolean | null>) =>
    setSearch(
      (now) => {
        const next = new URLSearchParams(now);
        for (const [name, value] of Object.entries(change)) {
          if (value === null || value === false) next.delete(name);
          else next.set(name, value === true ? '1' : value);
        }
        return next;
      },
      { replace: true },
    );
  const choose = (next: Filter) => {
    remember('filter', next);
    put({ list: next });
  };
  return { filter, narrowed, choose, narrow: (change: Partial<Narrowed>) => put(change) };
}
