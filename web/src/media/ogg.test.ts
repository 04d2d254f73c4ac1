import { describe, expect, it } from 'vitest';
import { checksum, NotOpus, samplesOf, toOgg } from './ogg';

const text = (word: string) => [...new TextEncoder().encode(word)];
/** A box with its size in front, in two bytes. */
const box = (id: number[], content: number[]) => [
  ...id,
  0x40 | (content.length >> 8),
  content.length & 0xff,
  ...content,
];
/** One that does not know how long it will be, as recorders write them. */
const open = (id: number[], content: number[]) => [
  ...id,
  0x01,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  ...content,
];

const HEAD = [...text('OpusHead'), 1, 1, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0];
/** 20 ms of one frame, wide band. */
const TOC = 0x78 | 0x80;
const packet = (length: number) => [TOC, ...Array.from({ length: length - 1 }, (_, i) => i & 0xff)];
const block = (content: number[]) => box([0xa3], [0x81, 0, 0, 0x80, ...content]);

function webm(packets: number[][], flags = 0x80): Uint8Array {
  const blocks = packets.flatMap((one) => box([0xa3], [0x81, 0, 0, flags, ...one]));
  return Uint8Array.from([
    ...box([0x1a, 0x45, 0xdf, 0xa3], text('webm')),
    ...open(
      [0x18, 0x53, 0x80, 0x67],
      [
        ...box([0x15, 0x49, 0xa9, 0x66], [0x2a, 0xd7, 0xb1, 0x83, 0x0f, 0x42, 0x40]),
        ...box([0x16, 0x54, 0xae, 0x6b], box([0xae], box([0x63, 0xa2], HEAD))),
        ...open([0x1f, 0x43, 0xb6, 0x75], [...box([0xe7], [0]), ...blocks]),
      ],
    ),
  ]);
}

interface Page {
  flags: number;
  granule: number;
  packets: number[][];
}

/** Reads Ogg back, and checks each page's sum. */
function pages(bytes: Uint8Array): Page[] {
  const all: Page[] = [];
  let at = 0;
  while (at < bytes.length) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    expect(new TextDecoder().decode(bytes.subarray(at, at + 4))).toBe('OggS');
    const lacing = [...bytes.subarray(at + 27, at + 27 + view.getUint8(26))];
    const length = lacing.reduce((sum, one) => sum + one, 0);
    const end = at + 27 + lacing.length + length;
    const whole = bytes.slice(at, end);
    whole.fill(0, 22, 26);
    expect(view.getUint32(22, true)).toBe(checksum(whole));
    expect(view.getUint32(18, true)).toBe(all.length);
    const packets: number[][] = [[]];
    let from = at + 27 + lacing.length;
    for (const [index, one] of lacing.entries()) {
      packets.at(-1)?.push(...bytes.subarray(from, from + one));
      from += one;
      if (one < 255 && index < lacing.length - 1) packets.push([]);
    }
    all.push({
      flags: view.getUint8(5),
      granule: Number(view.getBigUint64(6, true)),
      packets,
    });
    at = end;
  }
  return all;
}

describe('a recording', () => {
  it('has the same packets in the other box', () => {
    const packets = [packet(3), packet(255), packet(254), packet(600), packet(1)];
    const [head, tags, audio, ...more] = pages(toOgg(webm(packets)));
    expect(head).toEqual({ flags: 2, granule: 0, packets: [HEAD] });
    expect(tags?.packets[0]?.slice(0, 8)).toEqual(text('OpusTags'));
    expect(audio).toEqual({ flags: 4, granule: 5 * 960, packets });
    expect(more).toEqual([]);
  });

  it('becomes pages of a second at most, the last of which says so', () => {
    const all = pages(toOgg(webm(Array.from({ length: 120 }, () => packet(80)))));
    expect(all.slice(2).map(({ packets }) => packets.length)).toEqual([50, 50, 20]);
    expect(all.slice(2).map(({ flags }) => flags)).toEqual([0, 0, 4]);
    expect(all.at(-1)?.granule).toBe(120 * 960);
  });

  it('may end in the middle of a packet, which is left out', () => {
    const whole = webm([packet(40), packet(40)]);
    expect(pages(toOgg(whole.subarray(0, whole.length - 5))).at(-1)?.packets).toEqual([packet(40)]);
  });

  it('that is Ogg already stays as it is', () => {
    const ogg = toOgg(webm([packet(9)]));
    expect(toOgg(ogg)).toEqual(ogg);
  });

  it('without Opus is refused', () => {
    expect(() => toOgg(Uint8Array.from(text('RIFF....WAVE')))).toThrow(NotOpus);
    expect(() => toOgg(webm([packet(9)], 0x82))).toThrow(NotOpus);
    expect(() => toOgg(Uint8Array.from(block(packet(9))))).toThrow(NotOpus);
  });
});

it('knows how long a packet sounds', () => {
  const lengths = [
    [0x00, 480],
    [0x18, 2880],
    [0x60, 480],
    [0x80, 120],
    [0x98, 960],
    [0x99, 1920],
  ] as const;
  for (const [toc, samples] of lengths) expect(samplesOf(Uint8Array.of(toc))).toBe(samples);
  expect(samplesOf(Uint8Array.of(0x9b, 3))).toBe(2880);
});
