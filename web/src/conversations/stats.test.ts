import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { queries } from '../app/queries';
import type { EventFrame } from '../live/frames';
import { startStats } from './stats';

let told: (event: string) => void;
vi.mock('../live/live', () => ({
  usePoll: () => false,
  onFrame: (listener: (frame: EventFrame) => void) => {
    told = (event) => listener({ v: 1, event, payload: {} });
    return () => {};
  },
}));

let counts: number;
let visible: 'visible' | 'hidden';
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  counts = 0;
  visible = 'visible';
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visible);
  vi.spyOn(queries, 'invalidateQueries').mockImplementation(async () => {
    counts += 1;
  });
  stop = startStats();
});
afterEach(() => {
  stop();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function look(at: 'visible' | 'hidden'): void {
  visible = at;
  document.dispatchEvent(new Event('visibilitychange'));
}

it('counts anew soon after something happened, and where nothing does, never', async () => {
  await vi.advanceTimersByTimeAsync(60_000);
  expect(counts).toBe(0);
  told('message:new');
  told('user:typing');
  told('conversation:updated');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(counts).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(counts).toBe(1);
});

it('counts three times a minute where something happens all the time', async () => {
  for (let second = 0; second < 600; second += 1) {
    told('message:new');
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(counts).toBe(30);
});

it('waits until somebody looks', async () => {
  look('hidden');
  told('message:new');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(counts).toBe(0);
  look('visible');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(counts).toBe(1);
});
