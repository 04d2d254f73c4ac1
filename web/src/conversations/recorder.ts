/**
 * Frames that arrive while something is being loaded: whether it knows of them cannot be told, so
 * they are applied again afterwards, in their order.
 */

import type { EventFrame } from '../live/frames';

let loading = 0;
let kept: EventFrame[] = [];
let replay: (frames: EventFrame[]) => void = () => {};

/** Who applies frames. */
export function onReplay(apply: (frames: EventFrame[]) => void): void {
  replay = apply;
}

/** A frame was applied. */
export function record(frame: EventFrame): void {
  if (loading > 0) kept.push(frame);
}

/** Loads something; what happened meanwhile is applied once it is there. */
export async function recorded<T>(load: () => Promise<T>): Promise<T> {
  loading += 1;
  try {
    return await load();
  } finally {
    // After whoever asked has put it where it belongs.
    setTimeout(() => {
      const frames = kept;
      loading -= 1;
      if (loading === 0) kept = [];
      if (frames.length > 0) replay(frames);
    }, 0);
  }
}
