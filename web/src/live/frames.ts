/** What comes over the socket: docs/REALTIME.md. Unknown events and fields are passed over. */

export interface EventFrame {
  v: number;
  event: string;
  /** Number of the tenant's event; signals have none. */
  seq?: number;
  topic?: string;
  /** Another frame of the same event follows. */
  more?: boolean;
  payload: unknown;
}

export interface ReplyFrame {
  event: 'reply';
  ref?: string | number | null;
  status: 'ok' | 'error';
  response: unknown;
}

export interface Greeting {
  head: number;
  resync: boolean;
  user_id: string;
  role: string;
  departments: string[];
  expires_in: number;
}

export interface NewMessage {
  id: string;
  conversation_id: string;
  seq: number;
  direction: 'inbound' | 'outbound' | 'internal';
  sender_type: string;
  sender_user_id: string | null;
  message_type: string;
  text: string;
  content: Record<string, unknown> | null;
  external_id: string | null;
  quoted: string | null;
  sent_at: string;
  late: boolean;
  status: string | null;
  unread?: 'raise' | 'clear';
  /** The file that comes with it. */
  media?: {
    id: string;
    kind: string;
    state: string;
    mime_type: string | null;
    filename: string | null;
  };
}

export interface MessageMedia {
  conversation_id: string;
  message_id: string;
  seq: number;
  media: { id: string; state: string; mime_type: string | null; size: number | null };
  at: string;
}

export interface MessageStatus {
  conversation_id: string;
  message_id: string;
  seq: number;
  status: string;
  error: Record<string, unknown> | null;
  /** WhatsApp's id of the message, once it is known. */
  external_id?: string | null;
  at: string;
}

export interface ConversationUpdate {
  conversation_id: string;
  version: number;
  change: string;
  at: string;
  by?: string;
  by_user_id?: string | null;
  read_upto_seq?: number;
  unread_upto_seq?: number;
  labels_added?: string[];
  labels_removed?: string[];
  set: Record<string, unknown>;
}

export interface Granted {
  id: string;
  as_of_seq: number;
}

/** Something else is known of a conversation's customer. */
export interface CustomerUpdated {
  customer_id: string;
  conversation_id: string;
}

/** A list of the company is another one. */
export interface DirectoryChanged {
  list: 'labels' | 'canned_replies' | 'departments';
}

export interface Revoked {
  id: string;
}

export interface Transferred {
  conversation_id: string;
  from_user_id: string | null;
  to_user_id: string | null;
  department_id: string | null;
  by: string;
  by_user_id: string | null;
  at: string;
}

export interface HandoffNew {
  conversation_id: string;
  handoff_id: string;
  department_id: string | null;
  priority: string;
  reason: string;
  by: string;
  by_user_id: string | null;
  at: string;
}

export interface HandoffOffered {
  conversation_id: string;
  handoff_id: string;
  /** Who is asked. */
  user_id: string;
  expires_at: string;
  department_id: string | null;
  priority: string;
  waiting_since: string;
  at: string;
}

export interface OfferEnded {
  conversation_id: string;
  handoff_id: string;
  user_id: string;
  how: 'accepted' | 'rejected' | 'timed_out' | 'rescinded';
  at: string;
}

export interface AvailabilityChanged {
  user_id: string;
  availability: string;
}

/** The answer to joining a conversation. */
export interface Viewers {
  conversation_id: string;
  viewers: string[] | null;
}

export interface Viewing {
  user_id: string;
  conversation_id: string;
  viewing: boolean;
}

export interface Notified {
  id: string;
  kind: string;
  conversation_id: string;
  message_seq: number | null;
  by_user_id: string | null;
  at: string;
}

export interface Typing {
  user_id: string;
  conversation_id: string;
}

/** Reads a frame; `null` for what is none. */
export function readFrame(text: unknown): EventFrame | ReplyFrame | null {
  if (typeof text !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(text);
    const known = typeof frame === 'object' && frame !== null && 'event' in frame;
    return known ? (frame as EventFrame | ReplyFrame) : null;
  } catch {
    return null;
  }
}

export function isReply(frame: EventFrame | ReplyFrame): frame is ReplyFrame {
  return frame.event === 'reply';
}
