import { expect, it } from 'vitest';
import { fieldOf, isAhead, laterTimes, snoozeTimes, timeIn } from './times';

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

it('says things later while people work, each time once', () => {
  const keys = (now: Date) => laterTimes(now).map(({ key }) => key);
  expect(keys(new Date(2027, 0, 15, 10, 30))).toEqual(['inAnHour', 'tomorrow', 'nextWeek']);
  // A Sunday.
  expect(keys(new Date(2027, 0, 17, 10, 30))).toEqual(['inAnHour', 'tomorrow']);
});

it('reads from a field what it has written into it', () => {
  const at = new Date(2027, 2, 1, 7, 5);
  expect(fieldOf(at)).toBe('2027-03-01T07:05');
  expect(timeIn(fieldOf(at))).toEqual(at);
  expect(timeIn('')).toBeNull();
  expect(timeIn('2027-13-01T00:00')).toBeNull();
});

it('takes times that lie ahead, and not too far', () => {
  const now = new Date(2027, 0, 15, 10, 30);
  const after = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
  expect(isAhead(after(0), now)).toBe(false);
  expect(isAhead(after(1), now)).toBe(true);
  expect(isAhead(after(90 * 24 * 60), now)).toBe(true);
  expect(isAhead(after(90 * 24 * 60 + 1), now)).toBe(false);
});
