/** How a number is, in words that say what to do. */

import type { Channel } from '../../api/types';
import type { KeyOf } from '../../i18n/texts';
import type { channels } from './texts';

type Key = KeyOf<typeof channels>;

export const COLOURS: Record<string, string> = { green: 'green', yellow: 'yellow', red: 'red' };

/** Meta's codes that mean something for a number as a whole (docs/META.md). */
const REASONS: readonly [readonly number[], Key][] = [
  [[0, 190], 'reasonToken'],
  [[3, 10], 'reasonPermission'],
  [[368, 131031], 'reasonBlocked'],
  [[130497], 'reasonCountry'],
  [[131037], 'reasonName'],
  [[131042], 'reasonPayment'],
  [[131045, 133010], 'reasonRegistration'],
  [[130429, 80007, 131056], 'reasonPace'],
  [[131048], 'reasonSpam'],
];

/** Why a number is not well; `null` where the code says nothing we know. */
export function reasonOf(code: number | null | undefined): Key | null {
  if (code === null || code === undefined) return null;
  if (code >= 200 && code <= 299) return 'reasonPermission';
  return REASONS.find(([codes]) => codes.includes(code))?.[1] ?? null;
}

/** What is said of its standing. */
export function standingOf({ is_active, health }: Channel): Key {
  if (!is_active) return 'off';
  if (health.status === 'red') return 'red';
  return health.status === 'yellow' ? 'yellow' : 'green';
}
