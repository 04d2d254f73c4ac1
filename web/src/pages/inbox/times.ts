/** Times that people put things off to, by the clock of their machine. */

export interface Time {
  key: 'inAnHour' | 'tonight' | 'tomorrow' | 'nextWeek';
  at: Date;
}

/** When a conversation comes back. */
export function snoozeTimes(now: Date): Time[] {
  const day = (days: number, hour: number) => {
    const at = new Date(now);
    at.setDate(at.getDate() + days);
    at.setHours(hour, 0, 0, 0);
    return at;
  };
  const hour = new Date(now.getTime() + 3_600_000);
  const toMonday = (8 - now.getDay()) % 7 || 7;
  const times = [
    { key: 'inAnHour' as const, at: hour },
    { key: 'tonight' as const, at: day(0, 18) },
    { key: 'tomorrow' as const, at: day(1, 9) },
    { key: 'nextWeek' as const, at: day(toMonday, 9) },
  ];
  return times.filter(({ key, at }) => key !== 'tonight' || at > hour);
}

/** When a message is sent: while people work, each time once. */
export function laterTimes(now: Date): Time[] {
  const times = snoozeTimes(now).filter(({ key }) => key !== 'tonight');
  // On a Sunday, Monday is tomorrow.
  return times.filter(
    ({ at }, place) => times.findIndex((one) => one.at.getTime() === at.getTime()) === place,
  );
}

/** As a field of a date and a time has it: 2027-03-21T14:05. */
export function fieldOf(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What a field says; `null` where it says nothing. */
export function timeIn(field: string): Date | null {
  const at = new Date(field);
  return field === '' || Number.isNaN(at.getTime()) ? null : at;
}

/** As far ahead as messages can be sent; days. */
export const DAYS_MAX = 90;

/** Whether a message can be sent then. */
export function isAhead(at: Date, now: Date): boolean {
  const days = (at.getTime() - now.getTime()) / 86_400_000;
  return days > 0 && days <= DAYS_MAX;
}
