/**
 * Frames that arrive while something is being loaded: whether it knows of them cannot be told, so
 * they are applied again afterwards, in their order.
 */

import type { EventFrame } from '../live/frames';

/** What is being loaded; frames are numbered, and this is the first that came after it began. */
interface Loading {
  since: number;
}

const loadings = new Set<Loading>();
/** What came since the first of them began. */
let kept: EventFrame[] = [];
/** The number of the first that is kept. */
let first = 0;
let replay: (frames: EventFrame[]) => void = () => {};

/** Who applies frames. */
export function onReplay(apply: (frames: EventFrame[]) => void): void {
  replay = apply;
}

/** A frame was applied. */
export function record(frame: EventFrame): void {
  if (loadings.size > 0) kept.push(frame);
}

/** Loads something; what happened meanwhile is applied once it is there. */
export async function recorded<T>(load: () => Promise<T>): Promise<T> {
  const loading = { since: first + kept.length };
  loadings.add(loading);
  try {
    return await load();
  } finally {
    // After whoever asked has put it where it belongs.
    setTimeout(() => {
      const frames = kept.slice(loading.since - first);
      loadings.delete(loading);
      drop();
      if (frames.length > 0) replay(frames);
    }, 0);
  }
}

/** Lets go of what came before everything that is being loaded began. */
function drop(): void {
  const needed = Math.min(first + kept.length, ...[...loadings].map(({ since }) => since));
  kept = kept.slice(needed - first);
  first = needed;
}
