import { expect, it } from 'vitest';
import { snoozeTimes } from './tools';

const at = (now: Date) =>
  Object.fromEntries(snoozeTimes(now).map(({ key, at }) => [key, at.toLocaleString('sv')]));

it('puts things off to times when people work', () => {
  // A Friday.
  expect(at(new Date(2027, 0, 15, 10, 30))).toEqual({
    inAnHour: '2027-01-15 11:30:00',
    tonight: '2027-01-15 18:00:00',
    tomorrow: '2027-01-16 09:00:00',
    nextWeek: '2027-01-18 09:00:00',
  });
});

it('offers no evening that is over, and on Mondays the next one', () => {
  const monday = at(new Date(2027, 0, 18, 17, 30));
  expect(monday).not.toHaveProperty('tonight');
  expect(monday.nextWeek).toBe('2027-01-25 09:00:00');
});
