/** What a browser calls itself, as people call it. */

const BROWSERS: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** `null` for what says nothing of itself. */
export function deviceName(userAgent: string | null | undefined): string | null {
  if (!userAgent) return null;
  const name = (known: [RegExp, string][]) => known.find(([mark]) => mark.test(userAgent))?.[1];
  const parts = [name(BROWSERS), name(SYSTEMS)].filter(Boolean);
  return parts.length > 0 ? parts.join(' · ') : userAgent.slice(0, 60);
}
