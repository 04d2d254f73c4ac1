import { describe, expect, it } from 'vitest';
import { moveOf, withMove } from './moves';

const frame = (event: string, payload: object, seq?: number) => ({ v: 1, event, payload, seq });

describe('what happens', () => {
  it('is told in lines', () => {
    const at = '2027-01-15T08:00:00Z';
    const assigned = { conversation_id: 'c', handoff_id: 'h', assigned_user_id: 'u', at };
    expect(moveOf(frame('handoff:assigned', assigned, 7))).toEqual({
      id: 7,
      kind: 'took',
      conversation: 'c',
      by: 'u',
      at,
    });
    const closed = { conversation_id: 'c', change: 'closed', by_user_id: 'u', at };
    expect(moveOf(frame('conversation:updated', closed, 8))?.kind).toBe('closed');
  });

  it('passes over what another event tells, and signals', () => {
    const update = (change: string) => ({ conversation_id: 'c', change, at: '' });
    expect(moveOf(frame('conversation:updated', update('read'), 9))).toBeNull();
    expect(moveOf(frame('conversation:updated', update('taken_over'), 9))).toBeNull();
    expect(moveOf(frame('handoff:new', { conversation_id: 'c' }))).toBeNull();
  });

  it('stands with the newest first, each once', () => {
    const move = (id: number) => ({
      id,
      kind: 'asked' as const,
      conversation: 'c',
      by: null,
      at: '',
    });
    const moves = [3, 5, 4, 5].reduce(
      (now, id) => withMove(now, move(id)),
      [] as ReturnType<typeof withMove>,
    );
    expect(moves.map(({ id }) => id)).toEqual([5, 4, 3]);
    const many = Array.from({ length: 60 }, (_, id) => move(id)).reduce(withMove, []);
    expect(many).toHaveLength(50);
    expect(many[0]?.id).toBe(59);
  });
});
