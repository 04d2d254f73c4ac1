/** Places as people have them: numbers, or a link to a map. */

export interface Point {
  latitude: number;
  longitude: number;
}

const NUMBER = String.raw`(-?\d{1,3}(?:\.\d+)?)`;
const PAIR = String.raw`${NUMBER}(?:,|%2C)\s*\+?${NUMBER}`;

/** The most exact first: a link may name its place, and what the map around it shows. */
const FORMS = [
  new RegExp(`!3d${NUMBER}!4d${NUMBER}`),
  new RegExp(`[?&]mlat=${NUMBER}&mlon=${NUMBER}`),
  new RegExp(`[?&](?:q|query|ll|destination|daddr)=(?:loc:)?${PAIR}`, 'i'),
  new RegExp(`^geo:${PAIR}`, 'i'),
  new RegExp(`@${PAIR}`),
  new RegExp(`#map=[\\d.]+/${NUMBER}/${NUMBER}`),
  new RegExp(`^${NUMBER}\\s*[,;\\s]\\s*${NUMBER}$`),
  // With the commas of Brazil.
  /^(-?\d{1,3},\d+)\s*[;\s]\s*(-?\d{1,3},\d+)$/,
];

/** Where it is; `null` if that is not in what was written. */
export function pointIn(written: string): Point | null {
  const text = written.trim();
  for (const form of FORMS) {
    const [, north, east] = form.exec(text) ?? [];
    if (north === undefined || east === undefined) continue;
    const [latitude, longitude] = [Number(north.replace(',', '.')), Number(east.replace(',', '.'))];
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) return { latitude, longitude };
  }
  return null;
}

/** Where people can look at it. */
export function mapOf({ latitude, longitude }: Point): string {
  return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
}
