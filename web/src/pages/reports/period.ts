/** Which days a report is about, as the address says it. */

export const PRESETS = ['today', '7d', '30d', 'month', 'lastMonth'] as const;
export type Preset = (typeof PRESETS)[number];

export interface Days {
  from: string;
  to: string;
}

/** The days that a preset means on `today` (`YYYY-MM-DD`). */
export function daysOf(preset: Preset, today: string): Days {
  const first = `${today.slice(0, 7)}-01`;
  switch (preset) {
    case 'today':
      return { from: today, to: today };
    case '7d':
      return { from: moved(today, -6), to: today };
    case '30d':
      return { from: moved(today, -29), to: today };
    case 'month':
      return { from: first, to: today };
    case 'lastMonth': {
      const to = moved(first, -1);
      return { from: `${to.slice(0, 7)}-01`, to };
    }
  }
}

/** What the address asks for: days, a preset, or the last 30 days. */
export function periodOf(
  { from, to, period }: { from: string | null; to: string | null; period: string | null },
  today: string,
): Days & { preset: Preset | null } {
  if (isDay(from) && isDay(to) && from <= to) return { from, to, preset: null };
  const preset = PRESETS.find((one) => one === period) ?? '30d';
  return { ...daysOf(preset, today), preset };
}

function isDay(text: string | null): text is string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

function moved(day: string, days: number): string {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
