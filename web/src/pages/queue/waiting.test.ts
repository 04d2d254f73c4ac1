import { describe, expect, it } from 'vitest';
import type { PendingHandoff } from '../../api/types';
import { offerOf, toneOf } from './waiting';

function waits(id: string, department: string | null, at: string): PendingHandoff {
  return {
    id,
    conversation_id: id,
    created_at: at,
    department_id: department,
    department_name: department && `Dep. ${department}`,
    phone_number: '5511900000001',
    priority: 'medium',
    queue_position: 1,
    trigger: 'keyword',
    waiting_since: at,
    waiting_time_minutes: 0,
  };
}

describe('the queue', () => {
  it('shows an offer as long as it may be answered', () => {
    const at = '2027-01-01T10:00:00Z';
    const row = {
      ...waits('1', null, at),
      offered_user_id: 'ana',
      offered_user_name: 'Ana',
      offer_expires_at: '2027-01-01T10:00:30Z',
    };
    expect(offerOf(row, Date.parse(at) + 500)).toEqual({ userId: 'ana', name: 'Ana', left: 30 });
    expect(offerOf(row, Date.parse(at) + 30_000)).toBeNull();
    expect(offerOf(waits('2', null, at), 0)).toBeNull();
  });

  it('tells waits that are long from those that are too long', () => {
    expect(toneOf(4.9 * 60_000)).toBe('calm');
    expect(toneOf(5 * 60_000)).toBe('long');
    expect(toneOf(10 * 60_000)).toBe('late');
  });
});
