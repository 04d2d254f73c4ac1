/** Figures as people read them. What was not measured is a dash, never nought. */

import { language } from '../../i18n/i18n';

/** Stands for what was not measured. */
export const UNKNOWN = '–';

type Figure = number | null | undefined;
export type Unit = 'count' | 'rate' | 'seconds' | 'stars';

/** A figure in its unit: 1.234 · 66,7% · 2 min 05 s · 4,5 */
export function said(value: Figure, unit: Unit): string {
  if (value === null || value === undefined) return UNKNOWN;
  switch (unit) {
    case 'count':
      return number(value, 0);
    case 'rate':
      return `${number(value * 100, 1)}%`;
    case 'seconds':
      return duration(value);
    case 'stars':
      return number(value, 1);
  }
}

function number(value: number, decimals: number): string {
  return new Intl.NumberFormat(language(), { maximumFractionDigits: decimals }).format(value);
}

/** 45 s · 2 min 05 s · 3 h 10 min · 2 d 4 h; on one line. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(whole / unit));
  if (!minutes) return `${whole}\u00a0s`;
  if (!hours) return `${minutes}\u00a0min\u00a0${two(whole % 60)}\u00a0s`;
  if (!days) return `${hours}\u00a0h\u00a0${two(minutes % 60)}\u00a0min`;
  return `${days}\u00a0d\u00a0${hours % 24}\u00a0h`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

export interface Change {
  text: string;
  direction: 'up' | 'down' | 'same';
}

/** How a figure differs from the one before; `null` where there is nothing to compare with. */
export function changeOf(now: Figure, before: Figure, unit: Unit): Change | null {
  if (now === null || now === undefined || before === null || before === undefined) return null;
  const difference = now - before;
  const direction = difference > 0 ? 'up' : difference < 0 ? 'down' : 'same';
  const sign = difference > 0 ? '+' : '';
  if (unit === 'rate') {
    const points = language() === 'en' ? 'pp' : 'p.p.';
    return { direction, text: `${sign}${number(difference * 100, 1)} ${points}` };
  }
  if (unit === 'stars') return { direction, text: `${sign}${number(difference, 1)}` };
  if (before === 0) return now === 0 ? { direction: 'same', text: '0%' } : null;
  return { direction, text: `${sign}${number((difference / before) * 100, 0)}%` };
}
