/** Brings what the socket tells into what was loaded. */

import type { Query, QueryKey } from '@tanstack/react-query';
import { ApiError } from '../api/errors';
import { me, session } from '../api/session';
import type { Conversation, Message } from '../api/types';
import { queries } from '../app/queries';
import type {
  ConversationUpdate,
  CustomerUpdated,
  DirectoryChanged,
  EventFrame,
  Granted,
  MessageMedia,
  MessageStatus,
  NewMessage,
  Revoked,
} from '../live/frames';
import { liveState, onFrame, onResync } from '../live/live';
import {
  asMessage,
  insertMessage,
  type Pages,
  place,
  replace,
  withMedia,
  withMessage,
  withStatus,
  withUpdate,
} from './apply';
import { belongs, type Hint, type ListKey, mayBelong } from './filters';
import { labelOf } from './labels';
import { learnNames, nameOf } from './names';
import { fetchConversation, keys, known } from './queries';
import { onReplay, record } from './recorder';

type Change = (now: Conversation) => Conversation;

function lists() {
  return queries.getQueriesData<Pages<Conversation>>({ queryKey: keys.lists });
}

/** Puts a conversation, as it is now, wherever it belongs. */
export function settle(conversation: Conversation): void {
  learnNames([conversation]);
  queries.setQueryData(keys.conversation(conversation.id), conversation);
  for (const [key, loaded] of lists()) {
    if (!loaded) continue;
    const list = key[1] as ListKey;
    // What words find, only the server knows: there, rows change where they stand.
    // What somebody looks at stays among the unread, where it was, though it is read by now.
    const stays = list.unread && location.pathname === `/inbox/${conversation.id}`;
    const next =
      list.q || (stays && belongs({ ...list, unread: false }, conversation, me().id))
        ? replace(loaded, conversation.id, () => conversation)
        : place(loaded, conversation, belongs(list, conversation, me().id));
    if (next !== loaded) queries.setQueryData(key, next);
  }
}

const fetching = new Set<string>();
/** Pauses before another attempt, where the server could not be asked; milliseconds. */
const PAUSES = [1_000, 3_000, 8_000];

async function load(id: string): Promise<void> {
  if (fetching.has(id)) return;
  fetching.add(id);
  try {
    settle(await patiently(() => fetchConversation(id)));
  } catch (error) {
    // Not to be seen is one thing; else the lists have to tell.
    if (isPassing(error)) void again(keys.lists, { cancelRefetch: false });
  } finally {
    fetching.delete(id);
  }
}

const isPassing = (error: unknown) => error instanceof ApiError && error.passing;

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await new Promise((resume) => setTimeout(resume, pause));
    }
  }
  return ask();
}

/** Changes what is known. Of what is not, what may stand in a list that somebody has is loaded. */
function change(id: string, apply: Change, hint: Hint | null): void {
  const now = known(id);
  // A list that was loaded meanwhile may lack what is known here already.
  if (now) settle(apply(now));
  else if (hint === null || lists().some(([key, loaded]) => mayEnter(key, loaded, hint))) {
    void load(id);
  }
}

function mayEnter(key: QueryKey, loaded: Pages<Conversation> | undefined, hint: Hint): boolean {
  const complete = loaded?.pages.at(-1)?.next_cursor == null;
  return loaded !== undefined && mayBelong(key[1] as ListKey, complete, hint, me().id);
}

function forgetConversation(id: string): void {
  const gone = known(id);
  queries.removeQueries({ queryKey: keys.messages(id) });
  for (const [key, loaded] of lists()) {
    if (loaded && gone) queries.setQueryData(key, place(loaded, gone, false));
  }
  // Whoever looks at it learns that it is gone.
  const queryKey = keys.conversation(id);
  queries.removeQueries({ queryKey, type: 'inactive' });
  void queries.resetQueries({ queryKey });
}

function heard(message: NewMessage): void {
  const hint = { set: {}, labels: [], unread: message.unread === 'raise', rises: true };
  change(message.conversation_id, (now) => withMessage(now, message), hint);
  const name = message.sender_user_id ? nameOf(message.sender_user_id) : null;
  queries.setQueryData<Pages<Message>>(
    keys.messages(message.conversation_id),
    (loaded) => loaded && insertMessage(loaded, asMessage(message, name)),
  );
}

const hintOf = ({ set, labels_added, unread_upto_seq }: ConversationUpdate): Hint => ({
  set,
  labels: labels_added ?? [],
  unread: unread_upto_seq !== undefined,
  rises: false,
});

/** Brings a frame into what is loaded; once more without effect. */
function apply(frame: EventFrame): void {
  switch (frame.event) {
    case 'message:new':
      heard(frame.payload as NewMessage);
      break;
    case 'message:status': {
      const status = frame.payload as MessageStatus;
      queries.setQueryData<Pages<Message>>(
        keys.messages(status.conversation_id),
        (loaded) => loaded && withStatus(loaded, status),
      );
      break;
    }
    case 'message:media': {
      const media = frame.payload as MessageMedia;
      queries.setQueryData<Pages<Message>>(
        keys.messages(media.conversation_id),
        (loaded) => loaded && withMedia(loaded, media),
      );
      break;
    }
    case 'conversation:updated': {
      const update = frame.payload as ConversationUpdate;
      change(
        update.conversation_id,
        (now) => withUpdate(now, update, nameOf, labelOf),
        hintOf(update),
      );
      break;
    }
    case 'conversation:granted': {
      const { id } = frame.payload as Granted;
      change(id, (now) => now, null);
      break;
    }
    case 'conversation:revoked':
      forgetConversation((frame.payload as Revoked).id);
      break;
    default:
      break;
  }
}

/** What has to be asked of the server because of a frame, once: what is loaded then knows of it. */
function ask(frame: EventFrame): void {
  switch (frame.event) {
    case 'conversation:updated':
      askUnnamed(frame.payload as ConversationUpdate);
      break;
    case 'conversation:granted': {
      const { id } = frame.payload as Granted;
      void again(keys.messages(id));
      void queries.invalidateQueries({ queryKey: keys.transfers(id) });
      void load(id);
      break;
    }
    case 'customer:updated': {
      // Whose name stands in the lists and above the conversation.
      const { conversation_id: id } = frame.payload as CustomerUpdated;
      if (known(id)) void load(id);
      break;
    }
    case 'user:online':
    case 'user:offline':
    case 'users:changed':
      void queries.invalidateQueries({ queryKey: keys.online });
      break;
    case 'directory:changed': {
      const { list } = frame.payload as DirectoryChanged;
      void queries.invalidateQueries({ queryKey: [list.replace('_', '-')] });
      break;
    }
    default:
      break;
  }
}

/** Whom and what an update names, and nobody has heard of here. */
function askUnnamed(update: ConversationUpdate): void {
  const id = update.conversation_id;
  if ('mode' in update.set) void queries.invalidateQueries({ queryKey: keys.transfers(id) });
  if (!known(id)) return;
  const { assigned_user_id: user, department_id: department } = update.set;
  const nameless = [user, department].some((one) => typeof one === 'string' && !nameOf(one));
  const unlabelled = update.labels_added?.some((one) => !labelOf(one));
  if (nameless || unlabelled) void load(id);
}

/**
 * Loads anew what is looked at of these. Of several pages the first: what comes while another one
 * is loaded would be told again before all of them are there.
 */
async function again(queryKey: QueryKey, options?: { cancelRefetch: boolean }): Promise<void> {
  for (const [key, loaded] of queries.getQueriesData<Pages<unknown>>({ queryKey })) {
    if (!loaded || loaded.pages.length < 2) continue;
    queries.setQueryData(key, {
      pages: loaded.pages.slice(0, 1),
      pageParams: loaded.pageParams.slice(0, 1),
    });
  }
  await queries.invalidateQueries({ queryKey }, options);
}

/** Everything that was loaded may be out of date, and not to be seen any more. */
async function reload(): Promise<void> {
  queries.removeQueries({ type: 'inactive' });
  // What is under way for the first time would be taken as it comes.
  await queries.cancelQueries();
  void again(keys.lists);
  void again(['messages']);
  const others = ({ queryKey: [kind] }: Query) => kind !== 'conversations' && kind !== 'messages';
  void queries.invalidateQueries({ predicate: others });
}

/** Feeds from now on. */
export function startFeed(): () => void {
  onReplay((frames) => {
    if (session.get().state === 'in') frames.forEach(apply);
  });
  const stopFrames = onFrame((frame) => {
    record(frame);
    if (session.get().state !== 'in') return;
    apply(frame);
    ask(frame);
  });
  const stopResync = onResync(() => void reload());
  // Who came while nobody listened is told by no frame.
  const stopWatching = liveState.subscribe(() => {
    if (liveState.get() === 'live') void queries.invalidateQueries({ queryKey: keys.online });
  });
  return () => {
    stopFrames();
    stopResync();
    stopWatching();
  };
}
