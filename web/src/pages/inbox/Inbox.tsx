import { useDebouncedValue } from '@mantine/hooks';
import { IconMessages } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { EmptyState } from '../../app/EmptyState';
import { useShortcuts } from '../../app/shortcuts';
import { FILTERS, type Filter } from '../../conversations/filters';
import { useConversations } from '../../conversations/queries';
import { recall, remember } from '../../local';
import { ChatWindow } from './ChatWindow';
import { ConversationList } from './ConversationList';
import classes from './Inbox.module.css';
import { inbox } from './texts';

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
  const [search, setSearch] = useSearchParams();
  const searchRef = useRef<HTMLInputElement>(null);
  const [q, setQ] = useState('');
  const [words] = useDebouncedValue(q.trim(), 250);
  const [unreadOnly, setUnreadOnly] = useState(false);

  const asked = search.get('list');
  const last = recall('filter', 'mine');
  const filter: Filter = isFilter(asked) ? asked : isFilter(last) ? last : 'mine';
  const choose = (next: Filter) => {
    remember('filter', next);
    setSearch({ list: next }, { replace: true });
  };

  const list = useMemo(() => ({ filter, q: words.length >= LEAST ? words : '' }), [filter, words]);
  const query = useConversations(list);
  const rows = useMemo(
    () =>
      unreadOnly ? query.rows.filter((one) => one.unread_count > 0 || one.id === id) : query.rows,
    [query.rows, unreadOnly, id],
  );

  const walk = (step: number) => {
    const at = rows.findIndex((one) => one.id === id);
    const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
    if (next) void navigate(`/inbox/${next.id}${location.search}`);
  };
  const group = t('group');
  useShortcuts([
    { keys: 'J', label: t('next'), group, run: () => walk(1) },
    { keys: 'K', label: t('previous'), group, run: () => walk(-1) },
    { keys: 'alt+ArrowDown', label: t('next'), group, run: () => walk(1), everywhere: true },
    { keys: 'alt+ArrowUp', label: t('previous'), group, run: () => walk(-1), everywhere: true },
    { keys: '/', label: t('focusSearch'), group, run: () => searchRef.current?.select() },
    { keys: 'U', label: t('unreadOnly'), group, run: () => setUnreadOnly((now) => !now) },
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
        q={q}
        onSearch={setQ}
        searchRef={searchRef}
        unreadOnly={unreadOnly}
        onUnreadOnly={setUnreadOnly}
        query={query}
        rows={rows}
        active={id}
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
    </div>
  );
}
