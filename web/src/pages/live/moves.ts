/** What happens, as lines that a supervisor reads: made of the frames of the socket. */

import type { EventFrame } from '../../live/frames';

export type MoveKind =
  | 'asked'
  | 'took'
  | 'transferred'
  | 'closed'
  | 'returned'
  | 'opened'
  | 'escalated'
  | 'quarantined';

export interface Move {
  /** Number of the event, which no other has. */
  id: number;
  kind: MoveKind;
  conversation: string;
  /** The user who did it, where one did. */
  by: string | null;
  at: string;
}

/** Events that make lines. */
export const TOLD = [
  'handoff:new',
  'handoff:assigned',
  'conversation:transferred',
  'conversation:updated',
] as const;

/** Changes of a conversation that no other event tells. */
const CHANGES: Record<string, MoveKind> = {
  closed: 'closed',
  returned_to_bot: 'returned',
  session_opened: 'opened',
  waiting_escalated: 'escalated',
  quarantined: 'quarantined',
};

/** The most lines that are kept. */
const KEPT = 50;

/** The line that a frame makes; `null` for those that make none. */
export function moveOf({ event, seq, payload }: EventFrame): Move | null {
  if (seq === undefined || typeof payload !== 'object' || payload === null) return null;
  const fields = payload as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null);
  const conversation = text('conversation_id');
  const kind = kindOf(event, text('change'));
  if (!conversation || !kind) return null;
  const by = text('by_user_id') ?? (kind === 'took' ? text('assigned_user_id') : null);
  return { id: seq, kind, conversation, by, at: text('at') ?? new Date().toISOString() };
}

function kindOf(event: string, change: string | null): MoveKind | null {
  switch (event) {
    case 'handoff:new':
      return 'asked';
    case 'handoff:assigned':
      return 'took';
    case 'conversation:transferred':
      return 'transferred';
    default:
      return change === null ? null : (CHANGES[change] ?? null);
  }
}

/** The newest first, none twice. */
export function withMove(moves: readonly Move[], move: Move): Move[] {
  if (moves.some(({ id }) => id === move.id)) return [...moves];
  return [move, ...moves].sort((one, other) => other.id - one.id).slice(0, KEPT);
}
