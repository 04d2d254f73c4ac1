import { useEffect, useMemo } from 'react';
import { useNavigate } from 'react-router';
import { onLogOut } from '../api/session';
import { pageCounts } from '../app/Sidebar';
import { liveState } from '../live/live';
import { startAlerts } from './alerts';
import { forgetForeignDrafts } from './drafts';
import { startFeed } from './feed';
import { whole } from './filters';
import { resumeOutbox, retryUnsent } from './outbox';
import { useConversations } from './queries';
import { startStats, useStats } from './stats';
import { startTyping } from './typing';
import { startViewing } from './viewing';

const MINE = whole('mine');
const WAITING = whole('waiting');

/** What goes on behind all pages while an attendant is logged in. */
export function useDesk(on: boolean): void {
  const navigate = useNavigate();

  useEffect(() => {
    if (!on) return;
    const open = (id: string, seq?: number | null) =>
      void navigate(`/inbox/${id}${seq ? `?message=${seq}` : ''}`);
    const stops = [startFeed(), startTyping(), startViewing(), startStats(), startAlerts(open)];
    stops.push(onLogOut(forgetForeignDrafts));
    resumeOutbox();
    const stopWatching = liveState.subscribe(() => {
      if (liveState.get() === 'live') retryUnsent();
    });
    return () => {
      for (const stop of [...stops, stopWatching]) stop();
    };
  }, [on, navigate]);

  const mine = useConversations(MINE, on);
  const waiting = useConversations(WAITING, on);
  // Rows are counted at once; of those that were not loaded, only the server knows.
  const more = mine.hasNextPage || waiting.hasNextPage;
  const { data: stats } = useStats(on && more);
  const loaded = useMemo(
    () => mine.rows.filter(({ unread_count }) => unread_count > 0).length,
    [mine.rows],
  );
  const unread = mine.hasNextPage ? Math.max(loaded, stats?.mine_unread ?? 0) : loaded;
  const rows = waiting.rows.length;
  const wait = waiting.hasNextPage ? Math.max(rows, stats?.modes.waiting ?? 0) : rows;

  useEffect(() => {
    pageCounts.set((now) => ({ ...now, 'inbox/:conversation?': unread, queue: wait }));
    const badge = unread + wait;
    document.title = badge > 0 ? `(${badge > 99 ? '99+' : badge}) Papo` : 'Papo';
    return () => {
      document.title = 'Papo';
    };
  }, [unread, wait]);
}
