/** What WhatsApp takes, so that nothing is uploaded in vain. The server looks at the bytes again. */

export type Kind = 'image' | 'video' | 'audio' | 'document' | 'sticker';

const MB = 1024 * 1024;
/** By what the file says it is. */
const TYPES: Record<string, Kind> = {
  'image/jpeg': 'image',
  'image/png': 'image',
  'video/mp4': 'video',
  'video/3gpp': 'video',
  'audio/aac': 'audio',
  'audio/amr': 'audio',
  'audio/mpeg': 'audio',
  'audio/mp4': 'audio',
  'audio/ogg': 'audio',
  // What systems call the same.
  'audio/m4a': 'audio',
  'audio/x-m4a': 'audio',
  'video/x-m4v': 'video',
};
/** What cannot be sent at all, by its type: of others only the bytes tell. */
const NOT_TAKEN = new Set([
  'application/gzip',
  'application/vnd.rar',
  'application/x-7z-compressed',
  'application/x-msdownload',
  'application/x-rar-compressed',
  'application/x-zip-compressed',
  'application/zip',
  'audio/flac',
  'audio/wav',
  'audio/webm',
  'audio/x-wav',
  'image/avif',
  'image/bmp',
  'image/gif',
  'image/heic',
  'image/heif',
  'image/tiff',
  'video/quicktime',
  'video/webm',
  'video/x-matroska',
  'video/x-msvideo',
]);
const LIMITS: Record<Kind, number> = {
  image: 5 * MB,
  video: 16 * MB,
  audio: 16 * MB,
  document: 100 * MB,
  sticker: 0.5 * MB,
};
/** More files than this nobody means to send at once. */
export const MOST_FILES = 10;

export type Judged =
  | { kind: Kind; as: Kind | null }
  | { refused: 'empty' | 'tooLarge' | 'notTaken' };

/**
 * What it will be sent as. `as` is what has to be said to the server: a picture that is too large for
 * a picture can still go as a document.
 */
export function judge(file: { type: string; size: number }): Judged {
  if (file.size === 0) return { refused: 'empty' };
  if (file.size > LIMITS.document) return { refused: 'tooLarge' };
  const type = file.type.split(';')[0]?.trim() ?? '';
  if (NOT_TAKEN.has(type)) return { refused: 'notTaken' };
  const kind = TYPES[type] ?? 'document';
  if (file.size <= LIMITS[kind]) return { kind, as: null };
  return { kind: 'document', as: 'document' };
}

/** 48 kB, 3,2 MB */
export function sizeWords(bytes: number, language: string): string {
  const [value, unit] = bytes < MB ? [bytes / 1024, 'kB'] : [bytes / MB, 'MB'];
  const digits = value < 10 && unit === 'MB' ? 1 : 0;
  const shown = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(
    Math.max(value, unit === 'kB' ? 1 : 0),
  );
  return `${shown} ${unit}`;
}
