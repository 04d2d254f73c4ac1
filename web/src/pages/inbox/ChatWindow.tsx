import { Drawer, Skeleton } from '@mantine/core';
import { useDisclosure, useInterval, useMediaQuery } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { me } from '../../api/session';
import type { Conversation } from '../../api/types';
import { paletteActions } from '../../app/Palette';
import { LoadingSpinner } from '../../app/ProtectedRoute';
import { useShortcuts } from '../../app/shortcuts';
import { nameOf } from '../../conversations/names';
import { isGone, useConversation, useMessages } from '../../conversations/queries';
import { typists } from '../../conversations/typing';
import { join, leave } from '../../live/live';
import { prefer, preferences } from '../../preferences';
import { useStore } from '../../store';
import { markRead, returnToBot, takeOver } from './actions';
import { type ChatActions, ChatHeader, possible } from './ChatHeader';
import classes from './ChatWindow.module.css';
import { CloseModal } from './CloseModal';
import { CustomerPanel } from './CustomerPanel';
import { Gone } from './Gone';
import { type Composer, MessageInput } from './MessageInput';
import { MessageList } from './MessageList';
import { ScheduledStrip } from './ScheduledStrip';
import { LabelsModal, PriorityModal, SnoozeModal } from './ToolModals';
import { TransferModal } from './TransferModal';
import { inbox } from './texts';
import { archive, endSnooze, markUnread, setLabels, setPriority, snooze, unarchive } from './tools';
import { useScheduledModal } from './useScheduledModal';

const NOBODY: readonly string[] = [];

/** One conversation; `id` does not change while it is shown. */
export function ChatWindow({ id }: { id: string }) {
  const { data: conversation, error } = useConversation(id);
  useEffect(() => {
    join(id);
    return () => leave(id);
  }, [id]);
  if (conversation && !isGone(error)) return <Chat conversation={conversation} />;
  if (!error) return <LoadingSpinner />;
  return <Gone id={id} />;
}

function Chat({ conversation }: { conversation: Conversation }) {
  const t = inbox.useText();
  const { id } = conversation;
  const query = useMessages(id);
  const composer = useRef<Composer>(null);
  const { customerPanel } = useStore(preferences);
  const wide = useMediaQuery('(min-width: 75em)');
  const [drawer, { toggle: toggleDrawer, close: closeDrawer }] = useDisclosure(false);
  const [transferring, { open: openTransfer, close: closeTransfer }] = useDisclosure(false);
  const [closing, { open: openClosing, close: closeClosing }] = useDisclosure(false);
  const [busy, setBusy] = useState(false);
  const [tool, setTool] = useState<'labels' | 'priority' | 'snooze' | null>(null);
  const navigate = useNavigate();
  const left = useWindowLeft(conversation);
  const may = possible(conversation);
  const scheduled = useScheduledModal('scheduled', { conversation: id });
  useReading(conversation, query.messages.at(-1)?.seq);

  const actions = useMemo<ChatActions>(
    () => ({
      takeOver: () => {
        setBusy(true);
        void takeOver(id).then((taken) => {
          setBusy(false);
          if (taken) composer.current?.focus();
        });
      },
      finish: openClosing,
      transfer: openTransfer,
      returnToBot: () => void returnToBot(id),
      labels: () => setTool('labels'),
      priority: () => setTool('priority'),
      snooze: () => setTool('snooze'),
      endSnooze: () => void endSnooze(id),
      archive: () => void archive(id),
      unarchive: () => void unarchive(id),
      unread: () => {
        // What stays before somebody's eyes would be read again at once.
        void navigate(`/inbox${location.search}`);
        void markUnread(id);
      },
    }),
    [id, openClosing, openTransfer, navigate],
  );
  const noTool = () => setTool(null);
  const group = t('group');
  const togglePanel = () => {
    if (wide) prefer({ customerPanel: !customerPanel });
    else toggleDrawer();
  };
  const shortcuts = [
    { keys: 'A', label: t('takeOver'), run: actions.takeOver, on: may.takeOver },
    { keys: 'E', label: t('finish'), run: actions.finish, on: may.finish },
    { keys: 'T', label: t('transfer'), run: actions.transfer, on: may.transfer },
    { keys: 'B', label: t('returnToBot'), run: actions.returnToBot, on: may.returnToBot },
    { keys: 'L', label: t('labels'), run: actions.labels, on: may.tools },
    { keys: 'shift+P', label: t('priority'), run: actions.priority, on: may.priority },
    { keys: 'S', label: t('snooze'), run: actions.snooze, on: may.snooze && !may.snoozed },
    { keys: 'S', label: t('snoozeEnd'), run: actions.endSnooze, on: may.snoozed },
    { keys: 'shift+S', label: t('scheduledHere'), run: scheduled.open, on: may.tools },
    { keys: 'shift+U', label: t('markUnreadDo'), run: actions.unread, on: may.tools },
    { keys: 'shift+E', label: t('archiveDo'), run: actions.archive, on: may.archive },
    { keys: 'shift+E', label: t('unarchiveDo'), run: actions.unarchive, on: may.archived },
    { keys: 'N', label: t('note'), run: () => composer.current?.note(), on: true },
    {
      keys: 'M',
      label: t('useTemplate'),
      run: () => composer.current?.template(),
      on: may.leads,
    },
    { keys: 'R', label: t('focusComposer'), run: () => composer.current?.focus(), on: true },
    { keys: 'Enter', label: t('focusComposer'), run: () => composer.current?.focus(), on: true },
    { keys: 'P', label: t('customer'), run: togglePanel, on: true },
  ]
    .filter(({ on }) => on)
    .map(({ keys, label, run }) => ({ keys, label, run, group }));
  useShortcuts(shortcuts);
  usePalette(shortcuts);

  const typing = useStore(typists, (now) => now[id] ?? NOBODY);
  const names = typing.map((user) => nameOf(user) ?? t('attendant')).join(', ');

  return (
    <div className={classes.chatAndPanel}>
      <section className={classes.chat} aria-label={conversation.customer.name ?? t('customer')}>
        <ChatHeader
          conversation={conversation}
          left={left}
          actions={actions}
          busy={busy}
          panel={wide ? customerPanel : drawer}
          onPanel={togglePanel}
        />
        {query.isPending ? (
          <div className={classes.skeletons} aria-hidden>
            <Skeleton height={44} width="55%" radius="md" />
            <Skeleton height={44} width="40%" radius="md" ml="auto" />
            <Skeleton height={64} width="60%" radius="md" />
          </div>
        ) : (
          <MessageList
            conversation={conversation}
            query={query}
            onQuote={may.leads ? (message) => composer.current?.reply(message) : undefined}
            onEdit={(pending) => composer.current?.edit(pending) ?? false}
          />
        )}
        <div className={classes.typing} role="status" data-testid="typing">
          {typing.length > 0 && t(typing.length > 1 ? 'typingMany' : 'typing', { names })}
        </div>
        <ScheduledStrip conversation={id} onOpen={scheduled.open} />
        <MessageInput
          conversation={conversation}
          messages={query.messages}
          open={left !== null && left > 0}
          composer={composer}
        />
      </section>
      {wide && customerPanel && (
        <aside className={classes.panel} aria-label={t('customer')}>
          <CustomerPanel conversation={conversation} onLabels={actions.labels} />
        </aside>
      )}
      {!wide && (
        <Drawer
          opened={drawer}
          onClose={closeDrawer}
          position="right"
          size={320}
          title={t('customer')}
        >
          <CustomerPanel conversation={conversation} onLabels={actions.labels} />
        </Drawer>
      )}
      <TransferModal conversation={conversation} opened={transferring} onClose={closeTransfer} />
      {tool === 'labels' && (
        <LabelsModal
          chosen={conversation.labels.map((one) => one.id)}
          title={t('labels')}
          onClose={noTool}
          onPick={(labels) => void setLabels(id, labels)}
        />
      )}
      {tool === 'priority' && (
        <PriorityModal
          now={conversation.priority ?? null}
          onClose={noTool}
          onPick={(priority) => void setPriority(id, priority)}
        />
      )}
      {tool === 'snooze' && (
        <SnoozeModal onClose={noTool} onPick={(until) => void snooze(id, until)} />
      )}
      {scheduled.modal}
      <CloseModal id={id} opened={closing} onClose={closeClosing} />
    </div>
  );
}

/** How long free text can still be sent, to the half minute. */
function useWindowLeft({ window_closes_at: closes }: Conversation): number | null {
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 30_000, { autoInvoke: true });
  return closes == null ? null : Math.max(0, Date.parse(closes) - now);
}

/** What is before somebody's eyes, and theirs to answer, is read. */
function useReading(conversation: Conversation, lastSeq: number | undefined): void {
  const { id, unread_count: unread, assigned_user: owner } = conversation;
  const mine = owner == null || owner.id === me().id;
  const attends = me().permissions.includes('conversation:attend');
  useEffect(() => {
    if (!mine || !attends || unread === 0 || lastSeq === undefined) return;
    const read = () => {
      if (document.visibilityState === 'visible' && document.hasFocus()) void markRead(id, lastSeq);
    };
    const soon = setTimeout(read, 400);
    window.addEventListener('focus', read);
    return () => {
      clearTimeout(soon);
      window.removeEventListener('focus', read);
    };
  }, [id, unread, mine, attends, lastSeq]);
}

/** What can be done here can also be found by name. */
function usePalette(actions: { keys: string; label: string; run: () => void }[]): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  const shown = actions.map(({ keys, label }) => `${keys}/${label}`).join();
  useEffect(() => {
    if (shown === '') return;
    const listed = latest.current.filter(
      ({ label }, at) => latest.current.findIndex((one) => one.label === label) === at,
    );
    const mine = listed.map(({ keys, label, run }) => ({ id: `chat-${keys}`, label, run }));
    paletteActions.set((now) => [...mine, ...now]);
    return () => paletteActions.set((now) => now.filter((one) => !mine.includes(one)));
  }, [shown]);
}
