/** Opening times as the editor holds them, their faults, and whether it is open now. */

import type { BusinessHours, Interval } from '../../api/policy';

export type Mode =
  /** As the company. */
  'follow' | 'always' | 'weekly';

export interface HoursDraft {
  mode: Mode;
  timezone: string;
  /** Monday to Sunday. */
  days: Interval[][];
  holidays: string[];
}

export const ZONE = 'America/Sao_Paulo';
export const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const;
/** The most intervals of one day that the server takes. */
export const INTERVALS_MAX = 8;

/** What a place without hours begins with when it gets some. */
const USUAL: Interval = { from: '09:00', to: '18:00' };

export function usualWeek(): Interval[][] {
  return WEEKDAYS.map((day) => (day < 5 ? [{ ...USUAL }] : []));
}

/** For editing; clocks show the end of a day as 00:00. */
export function draftOf(hours: BusinessHours | null | undefined): HoursDraft {
  if (!hours) return { mode: 'follow', timezone: ZONE, days: usualWeek(), holidays: [] };
  const days = WEEKDAYS.map((day) =>
    (hours.weekly[String(day + 1)] ?? []).map(({ from, to }) => ({
      from,
      to: to === '24:00' ? '00:00' : to,
    })),
  );
  const some = days.some((intervals) => intervals.length > 0);
  return {
    mode: hours.active && some ? 'weekly' : 'always',
    timezone: hours.timezone,
    days: some ? days : usualWeek(),
    holidays: [...hours.holidays],
  };
}

/** As the server takes it. Hours that do not count now are kept for when they do again. */
export function hoursOf(draft: HoursDraft): BusinessHours | null {
  if (draft.mode === 'follow') return null;
  const weekly: BusinessHours['weekly'] = {};
  draft.days.forEach((intervals, day) => {
    weekly[String(day + 1)] = intervals.map(({ from, to }) => ({ from, to: endOf(to) }));
  });
  return {
    active: draft.mode === 'weekly',
    timezone: draft.timezone,
    weekly: draft.days.some((intervals) => intervals.length > 0) ? weekly : {},
    holidays: [...new Set(draft.holidays)].sort(),
  };
}

function endOf(to: string): string {
  return to === '00:00' ? '24:00' : to;
}

export type HoursFault = 'order' | 'overlap' | 'incomplete' | 'empty';

/** What is wrong by day, and `week` for all days together. */
export function faultsIn(draft: HoursDraft): Partial<Record<number | 'week', HoursFault>> {
  if (draft.mode !== 'weekly') return {};
  const faults: Partial<Record<number | 'week', HoursFault>> = {};
  draft.days.forEach((intervals, day) => {
    const fault = dayFault(intervals);
    if (fault) faults[day] = fault;
  });
  if (draft.days.every((intervals) => intervals.length === 0)) faults.week = 'empty';
  return faults;
}

function dayFault(intervals: Interval[]): HoursFault | null {
  if (intervals.some(({ from, to }) => from === '' || to === '')) return 'incomplete';
  const spans = intervals
    .map(({ from, to }) => ({ from: minutes(from), to: minutes(endOf(to)) }))
    .sort((one, other) => one.from - other.from);
  if (spans.some(({ from, to }) => from >= to)) return 'order';
  const overlaps = spans.some(({ from }, at) => {
    const before = spans[at - 1];
    return before !== undefined && from < before.to;
  });
  return overlaps ? 'overlap' : null;
}

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}

/** Another interval behind those that a day has; the first is the usual one. */
export function oneMore(intervals: Interval[]): Interval[] {
  const last = intervals.at(-1);
  if (!last) return [{ ...USUAL }];
  const from = Math.min(minutes(endOf(last.to || '18:00')) + 60, 23 * 60);
  return [...intervals, { from: clock(from), to: clock(Math.min(from + 240, 24 * 60)) }];
}

function clock(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
}

export type Standing =
  /** `until` is missing where nothing ends it within the day. */
  | { open: true; until?: string }
  /** `ahead` is in days; nothing is known where it does not open within a month. */
  | { open: false; opens?: { ahead: number; weekday: number; time: string } };

const HORIZON = 31;

/** Whether it is open at `at`, by the clocks of the draft's zone. */
export function standingAt(draft: HoursDraft, at: Date): Standing {
  const { date, minute } = local(at, draft.timezone);
  const today = spansOn(draft, date);
  const now = today.find(({ from, to }) => from <= minute && minute < to);
  if (now) {
    return now.from === 0 && now.to === 1440
      ? { open: true }
      : { open: true, until: clock(now.to) };
  }
  for (let ahead = 0; ahead < HORIZON; ahead += 1) {
    const day = plusDays(date, ahead);
    const next = spansOn(draft, day).find(({ from }) => ahead > 0 || from > minute);
    if (next) {
      return { open: false, opens: { ahead, weekday: weekdayOf(day), time: clock(next.from) } };
    }
  }
  return { open: false };
}

/** The open minutes of a date, in order. */
function spansOn(draft: HoursDraft, date: string): { from: number; to: number }[] {
  if (draft.holidays.includes(date)) return [];
  const week = draft.mode === 'weekly' && draft.days.some((intervals) => intervals.length > 0);
  if (!week) return [{ from: 0, to: 1440 }];
  return (draft.days[weekdayOf(date)] ?? [])
    .map(({ from, to }) => ({ from: minutes(from), to: minutes(endOf(to)) }))
    .filter(({ from, to }) => from < to)
    .sort((one, other) => one.from - other.from);
}

function local(at: Date, timeZone: string): { date: string; minute: number } {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '00';
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    minute: minutes(`${part('hour')}:${part('minute')}`),
  };
}

/** 0 is Monday. */
function weekdayOf(date: string): number {
  return (new Date(`${date}T12:00:00Z`).getUTCDay() + 6) % 7;
}

export function plusDays(date: string, days: number): string {
  const moved = new Date(`${date}T12:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}
