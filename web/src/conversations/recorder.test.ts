import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EventFrame } from '../live/frames';
import { onReplay, record, recorded } from './recorder';

const frame = (seq: number): EventFrame => ({ v: 1, event: 'message:new', seq, payload: {} });

/** Something that is loaded for as long as the test wants. */
function loading(): () => Promise<void> {
  let end = () => {};
  const held = new Promise<void>((resume) => {
    end = resume;
  });
  const load = recorded(() => held);
  return async () => {
    end();
    await load;
    await vi.advanceTimersByTimeAsync(0);
  };
}

let replayed: number[][];

beforeEach(() => {
  vi.useFakeTimers();
  replayed = [];
  onReplay((frames) => replayed.push(frames.map(({ seq }) => seq ?? 0)));
});
afterEach(() => {
  vi.useRealTimers();
});

it('tells again what came while something was loaded, and nothing older', async () => {
  record(frame(1));
  const end = loading();
  record(frame(2));
  record(frame(3));
  expect(replayed).toEqual([]);
  await end();
  expect(replayed).toEqual([[2, 3]]);
  await loading()();
  expect(replayed).toEqual([[2, 3]]);
});

it('tells each what came after it began, once, whichever ends first', async () => {
  const one = loading();
  record(frame(1));
  const two = loading();
  record(frame(2));
  await two();
  expect(replayed).toEqual([[2]]);
  record(frame(3));
  await one();
  expect(replayed).toEqual([[2], [1, 2, 3]]);
  await loading()();
  expect(replayed).toHaveLength(2);
});

it('comes to an end where what is told again has more loaded', async () => {
  let loads = 0;
  const again = () => {
    loads += 1;
    void recorded(() => new Promise((resume) => setTimeout(resume, 50)));
  };
  onReplay((frames) => {
    for (const _ of frames) again();
  });
  for (const seq of [1, 2, 3]) {
    record(frame(seq));
    again();
  }
  await vi.advanceTimersByTimeAsync(60_000);
  // Each, and once more for each that came while an earlier one was loaded.
  expect(loads).toBe(3 + 3);
});

it('tells again what came while something failed to load', async () => {
  const failed = recorded(() => Promise.reject(new Error('no'))).catch(() => 'failed');
  record(frame(1));
  expect(await failed).toBe('failed');
  await vi.advanceTimersByTimeAsync(0);
  expect(replayed).toEqual([[1]]);
});
