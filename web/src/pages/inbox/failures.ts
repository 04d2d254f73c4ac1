/** Why a message was not sent at its time. */

import { inbox } from './texts';

const KNOWN = [
  'window_closed',
  'assigned_to_another',
  'not_in_human_mode',
  'author_gone',
  'quarantined',
  'outcome_unknown',
  'too_late',
] as const;

/** The server's code, for people. */
export function failureWords(code: string): string {
  const known = KNOWN.find((one) => one === code);
  return known ? inbox.say(`failure_${known}`) : inbox.say('failure_refused', { code });
}
