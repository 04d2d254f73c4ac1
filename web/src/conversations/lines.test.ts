import { describe, expect, it } from 'vitest';
import { type QueueLine, readyIn, type Server, serversOf } from './lines';

const person = (user_id: string, more: Partial<Server> = {}): Server => ({
  user_id,
  full_name: user_id,
  availability: 'available',
  online: true,
  load: 0,
  capacity: 2,
  ...more,
});

const line = (people: Server[]): QueueLine => ({
  strategy: 'pull',
  open: true,
  waiting: 0,
  offered: 0,
  people,
});

describe('the queues', () => {
  it('name whoever serves several of them once, those who are there and busy first', () => {
    const ana = person('ana', { load: 1 });
    const bia = person('bia');
    const caio = person('caio', { online: false, load: 2 });
    const all = serversOf([line([bia, ana]), line([ana, caio])]);
    expect(all.map(({ user_id }) => user_id)).toEqual(['ana', 'bia', 'caio']);
  });

  it('count who could be asked', () => {
    const away = person('a', { availability: 'away' });
    const full = person('b', { load: 2 });
    const gone = person('c', { online: false });
    expect(readyIn([away, full, gone, person('d')])).toBe(1);
  });
});
