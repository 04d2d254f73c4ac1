/** The national holidays of Brazil: Lei 662/1949 with 6.802/1980 and 14.759/2023. */

import { plusDays } from './hours';

const FIXED = ['01-01', '04-21', '05-01', '09-07', '10-12', '11-02', '11-15', '11-20', '12-25'];

/** Of a year, in order; with Good Friday, which most calendars count. */
export function nationalHolidays(year: number): string[] {
  const goodFriday = plusDays(easter(year), -2);
  return [...FIXED.map((day) => `${year}-${day}`), goodFriday].sort();
}

/** Easter Sunday of the Gregorian calendar, after Oudin. */
function easter(year: number): string {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const moon =
    (century - Math.floor(century / 4) - Math.floor((8 * century + 13) / 25) + 19 * golden + 15) %
    30;
  const full =
    moon -
    Math.floor(moon / 28) *
      (1 - Math.floor(moon / 28) * Math.floor(29 / (moon + 1)) * Math.floor((21 - golden) / 11));
  const weekday = (year + Math.floor(year / 4) + full + 2 - century + Math.floor(century / 4)) % 7;
  const offset = full - weekday;
  const month = 3 + Math.floor((offset + 40) / 44);
  const day = offset + 28 - 31 * Math.floor(month / 4);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
