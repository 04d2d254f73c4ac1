/**
 * Voice messages must be Opus in Ogg. Some browsers record Opus in WebM: the same packets in another
 * box, which are put into the right one here. RFC 9559 (Matroska), RFC 3533 (Ogg), RFC 7845 (Opus in
 * Ogg).
 */

/** What is read of the boxes of WebM: those that hold others, and those that hold what is looked for. */
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const TRACKS = 0x1654ae6b;
const TRACK = 0xae;
const BLOCK_GROUP = 0xa0;
const CODEC_PRIVATE = 0x63a2;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;
const HOLDERS = new Set([SEGMENT, CLUSTER, TRACKS, TRACK, BLOCK_GROUP]);

/** Samples of a second: Opus in Ogg always counts so. */
const RATE = 48_000;
/** Packets of a page: a second of them. */
const PAGE_PACKETS = 50;
const PAGE_SEGMENTS = 255;

export class NotOpus extends Error {}

/** The recording as Ogg, whichever of the two it was. */
export function toOgg(recording: Uint8Array): Uint8Array<ArrayBuffer> {
  if (startsWith(recording, 0, 'OggS')) return new Uint8Array(recording);
  const { head, packets } = readWebm(recording);
  return writeOgg(head, packets);
}

function startsWith(bytes: Uint8Array, at: number, word: string): boolean {
  for (let i = 0; i < word.length; i += 1) {
    if (bytes[at + i] !== word.charCodeAt(i)) return false;
  }
  return true;
}

interface Opus {
  head: Uint8Array;
  packets: Uint8Array[];
}

/** A recording ends where it was stopped: what is cut off in the middle is left out. */
function readWebm(bytes: Uint8Array): Opus {
  let head: Uint8Array | null = null;
  const packets: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const id = number(bytes, at, false);
    const size = id && number(bytes, id.end, true);
    if (!id || !size) break;
    // Boxes that hold others may not know their own size, so all of them are simply entered.
    if (HOLDERS.has(id.value)) {
      at = size.end;
      continue;
    }
    const end = size.end + size.value;
    if (end > bytes.length) break;
    const content = bytes.subarray(size.end, end);
    if (id.value === CODEC_PRIVATE && startsWith(content, 0, 'OpusHead')) head = content;
    if (id.value === SIMPLE_BLOCK || id.value === BLOCK) packets.push(packetOf(content));
    at = end;
  }
  if (head === null || packets.length === 0) throw new NotOpus('no Opus in the recording');
  return { head, packets };
}

/** A number whose length stands in its first bits; ids keep these bits. */
function number(
  bytes: Uint8Array,
  at: number,
  plain: boolean,
): { value: number; end: number } | null {
  const first = bytes[at];
  if (first === undefined || first === 0) return null;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.length) return null;
  let value = plain ? first & (0xff >> length) : first;
  for (let i = 1; i < length; i += 1) value = value * 256 + (bytes[at + i] ?? 0);
  return { value, end: at + length };
}

/** Behind track, time and flags comes one packet. */
function packetOf(block: Uint8Array): Uint8Array {
  const track = number(block, 0, true);
  const flags = track && block[track.end + 2];
  if (!track || flags === undefined || flags === null) throw new NotOpus('a block is cut off');
  if ((flags & 0x06) !== 0) throw new NotOpus('packets are laced');
  return block.subarray(track.end + 3);
}

/** How long a packet sounds, in samples: RFC 6716, 3.1. */
export function samplesOf(packet: Uint8Array): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const tenths =
    config < 12
      ? ([100, 200, 400, 600][config & 3] ?? 0)
      : config < 16
        ? ([100, 200][config & 1] ?? 0)
        : ([25, 50, 100, 200][config & 3] ?? 0);
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? (packet[1] ?? 0) & 0x3f : 2;
  return (frames * tenths * RATE) / 10_000;
}

function writeOgg(head: Uint8Array, packets: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const serial = 1;
  const pages = [
    page([head], { serial, at: 0, granule: 0, first: true, last: false }),
    page([tags()], { serial, at: 1, granule: 0, first: false, last: false }),
  ];
  let granule = 0;
  let waiting: Uint8Array[] = [];
  let segments = 0;
  const flush = (last: boolean) => {
    pages.push(page(waiting, { serial, at: pages.length, granule, first: false, last }));
    waiting = [];
    segments = 0;
  };
  for (const packet of packets) {
    const needs = Math.floor(packet.length / 255) + 1;
    if (waiting.length >= PAGE_PACKETS || segments + needs > PAGE_SEGMENTS) flush(false);
    waiting.push(packet);
    segments += needs;
    granule += samplesOf(packet);
  }
  flush(true);
  return joined(pages);
}

function tags(): Uint8Array {
  const vendor = 'Papo';
  const bytes = new Uint8Array(8 + 4 + vendor.length + 4);
  bytes.set(new TextEncoder().encode('OpusTags'), 0);
  new DataView(bytes.buffer).setUint32(8, vendor.length, true);
  bytes.set(new TextEncoder().encode(vendor), 12);
  return bytes;
}

interface Place {
  serial: number;
  at: number;
  /** Samples up to the end of the page. */
  granule: number;
  first: boolean;
  last: boolean;
}

/** One page of whole packets. */
function page(packets: Uint8Array[], { serial, at, granule, first, last }: Place): Uint8Array {
  const lacing: number[] = [];
  for (const { length } of packets) {
    for (let left = length; ; left -= 255) {
      lacing.push(Math.min(left, 255));
      if (left < 255) break;
    }
  }
  const header = new Uint8Array(27 + lacing.length);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode('OggS'), 0);
  view.setUint8(5, (first ? 2 : 0) | (last ? 4 : 0));
  view.setBigUint64(6, BigInt(Math.round(granule)), true);
  view.setUint32(14, serial, true);
  view.setUint32(18, at, true);
  view.setUint8(26, lacing.length);
  header.set(lacing, 27);
  const whole = joined([header, ...packets]);
  new DataView(whole.buffer).setUint32(22, checksum(whole), true);
  return whole;
}

const TABLE = Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  }
  return value >>> 0;
});

/** Ogg's own, of a page whose place for it holds zeros. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = ((sum << 8) ^ (TABLE[(sum >>> 24) ^ byte] ?? 0)) >>> 0;
  return sum;
}

function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
