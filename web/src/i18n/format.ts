/** Times as people read them, in the language of the page and the time zone of the machine. */

import { language } from './i18n';

const cached = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language() + JSON.stringify(options);
  let found = cached.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language(), options);
    cached.set(key, found);
  }
  return found;
}

/** 14:05 */
export function time(at: string): string {
  return format({ hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

/** 21 de março de 2027 */
export function day(at: string): string {
  return format({ day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(at));
}

/** 21/03/2027, 14:05 */
export function moment(at: string): string {
  return format({ dateStyle: 'short', timeStyle: 'short' }).format(new Date(at));
}

/** The local day, for comparing: 2027-03-21. */
export function dayKey(at: string): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** The day it is on this machine. */
export function today(now = new Date()): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Short for lists: the time today, the weekday within a week, else the date. */
export function brief(at: string, now: number): string {
  const date = new Date(at);
  if (dayKey(at) === dayKey(new Date(now).toISOString())) return time(at);
  const days = (now - date.getTime()) / 86_400_000;
  if (days >= 0 && days < 6) return format({ weekday: 'short' }).format(date).replace('.', '');
  return format({ day: '2-digit', month: '2-digit' }).format(date);
}

/** A span in short: 45 s, 12 min, 23 h 05 min, 2 d. Its unit stays beside its number. */
export function span(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return `${Math.max(0, Math.floor(milliseconds / 1000))}\u00a0s`;
  if (minutes < 60) return `${minutes}\u00a0min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}\u00a0h ${String(minutes % 60).padStart(2, '0')}\u00a0min`;
  return `${Math.floor(hours / 24)}\u00a0d`;
}

/** How long a sound is, or how much of a short time is left: 1:05. */
export function clock(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A phone number with its parts apart; what is none is shown as it is. */
export function phone(number: string): string {
  const brazilian = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(number);
  if (brazilian) return `+55 ${brazilian[1]} ${brazilian[2]}-${brazilian[3]}`;
  return /^\d{8,15}$/.test(number) ? `+${number}` : number;
}

/** 12.480, as the language writes it. */
export function number(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(language(), options).format(value);
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** 1,5 MB; of 1,024 each. */
export function bytes(value: number): string {
  let [rest, unit] = [value, 0];
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return number(rest, {
    style: 'unit',
    unit: UNITS[unit] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: rest < 10 && unit > 0 ? 1 : 0,
  });
}

/** Brazil, where somebody writes no country. */
const COUNTRY = '55';

/** A phone number as it was typed, with its country; `null` for what cannot be one. */
export function dialled(written: string): string | null {
  const digits = written.replace(/\D/g, '');
  const national =
    !written.trim().startsWith('+') && (digits.length === 10 || digits.length === 11);
  const number = national ? COUNTRY + digits : digits;
  return number.length >= 8 && number.length <= 15 ? `+${number}` : null;
}

/** A phone number while it is typed, its parts set apart; only what is written is in it. */
export function masked(written: string): string {
  const digits = written.replace(/\D/g, '').slice(0, 15);
  if (written.trim().startsWith('+')) {
    if (!digits.startsWith(COUNTRY)) return `+${digits}`;
    const national = inParts(digits.slice(COUNTRY.length));
    return `+${COUNTRY}${national && ` ${national}`}`;
  }
  return digits.length > 11 ? digits : inParts(digits);
}

/** Of Brazil: `(11) 99999-0001`. */
function inParts(digits: string): string {
  if (digits.length < 3) return digits;
  const [area, rest] = [digits.slice(0, 2), digits.slice(2)];
  const head = rest.length > 8 ? 5 : 4;
  const tail = rest.slice(head);
  return `(${area}) ${rest.slice(0, head)}${tail && `-${tail}`}`;
}
