import { describe, expect, it } from 'vitest';
import type { BusinessHours } from '../../api/policy';
import { nationalHolidays } from './holidays';
import { draftOf, faultsIn, type HoursDraft, hoursOf, oneMore, standingAt } from './hours';

const WEEK: BusinessHours = {
  active: true,
  timezone: 'America/Sao_Paulo',
  weekly: {
    1: [
      { from: '08:00', to: '12:00' },
      { from: '13:00', to: '18:00' },
    ],
    5: [{ from: '20:00', to: '24:00' }],
  },
  holidays: ['2027-01-11'],
};

/** Of a week with these hours on Monday only. */
function monday(...intervals: { from: string; to: string }[]): HoursDraft {
  const days = [intervals, [], [], [], [], [], []];
  return { mode: 'weekly', timezone: 'America/Sao_Paulo', days, holidays: [] };
}

describe('the hours editor', () => {
  it('gives back what it was given', () => {
    const again = hoursOf(draftOf(WEEK));
    expect(again?.weekly['1']).toEqual(WEEK.weekly['1']);
    expect(again?.weekly['5']).toEqual([{ from: '20:00', to: '24:00' }]);
    expect(again?.weekly['2']).toEqual([]);
    expect(again?.holidays).toEqual(['2027-01-11']);
    expect(again?.active).toBe(true);
  });

  it('follows the company where there are no hours', () => {
    expect(draftOf(null).mode).toBe('follow');
    expect(hoursOf(draftOf(null))).toBeNull();
  });

  it('is always open without intervals, and says so without naming days', () => {
    const draft = draftOf({ ...WEEK, weekly: {} });
    expect(draft.mode).toBe('always');
    expect(hoursOf({ ...draft, days: draft.days.map(() => []) })?.weekly).toEqual({});
  });

  it('finds what the server would refuse', () => {
    expect(faultsIn(monday({ from: '09:00', to: '08:00' }))).toEqual({ 0: 'order' });
    expect(faultsIn(monday({ from: '09:00', to: '' }))).toEqual({ 0: 'incomplete' });
    const overlap = monday({ from: '13:00', to: '18:00' }, { from: '09:00', to: '13:01' });
    expect(faultsIn(overlap)).toEqual({ 0: 'overlap' });
    const touching = monday({ from: '13:00', to: '18:00' }, { from: '09:00', to: '13:00' });
    expect(faultsIn(touching)).toEqual({});
    expect(faultsIn(monday())).toEqual({ week: 'empty' });
    expect(faultsIn(monday({ from: '18:00', to: '00:00' }))).toEqual({});
  });

  it('puts another interval behind the last', () => {
    expect(oneMore([])).toEqual([{ from: '09:00', to: '18:00' }]);
    expect(oneMore([{ from: '08:00', to: '12:00' }])[1]).toEqual({ from: '13:00', to: '17:00' });
    const late = monday({ from: '18:00', to: '00:00' });
    expect(
      faultsIn({ ...late, days: [[{ from: '08:00', to: '22:30' }], [], [], [], [], [], []] }),
    ).toEqual({});
  });
});

describe('whether it is open', () => {
  const draft = draftOf(WEEK);
  // 2027-01-04 is a Monday; São Paulo is three hours behind UTC.
  it('counts the clocks of its own zone', () => {
    expect(standingAt(draft, new Date('2027-01-04T10:59:00Z'))).toEqual({
      open: false,
      opens: { ahead: 0, weekday: 0, time: '08:00' },
    });
    expect(standingAt(draft, new Date('2027-01-04T11:00:00Z'))).toEqual({
      open: true,
      until: '12:00',
    });
    expect(standingAt(draft, new Date('2027-01-04T15:00:00Z'))).toEqual({
      open: false,
      opens: { ahead: 0, weekday: 0, time: '13:00' },
    });
  });

  it('opens on the next day that has hours, holidays left out', () => {
    expect(standingAt(draft, new Date('2027-01-04T21:00:00Z'))).toEqual({
      open: false,
      opens: { ahead: 4, weekday: 4, time: '20:00' },
    });
    // Saturday: the Monday after is a holiday, so it opens on Friday.
    expect(standingAt(draft, new Date('2027-01-09T15:00:00Z'))).toEqual({
      open: false,
      opens: { ahead: 6, weekday: 4, time: '20:00' },
    });
  });

  it('never ends where it is always open, but on holidays', () => {
    const always = { ...draft, mode: 'always' as const };
    expect(standingAt(always, new Date('2027-01-05T15:00:00Z'))).toEqual({ open: true });
    expect(standingAt(always, new Date('2027-01-11T15:00:00Z'))).toEqual({
      open: false,
      opens: { ahead: 1, weekday: 1, time: '00:00' },
    });
  });
});

describe('national holidays', () => {
  it('moves Good Friday with Easter', () => {
    expect(nationalHolidays(2027)).toContain('2027-03-26');
    expect(nationalHolidays(2026)).toContain('2026-04-03');
    expect(nationalHolidays(2024)).toContain('2024-03-29');
    expect(nationalHolidays(2026)).toHaveLength(10);
  });
});
