import { useEffect, useRef, useState } from 'react';
import { toOgg } from './ogg';

export type Recording =
  | { state: 'idle' }
  | { state: 'asking' }
  /** Since when; milliseconds. */
  | { state: 'recording'; since: number };

const TYPES = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus'];
/** Longer than this nobody listens to; milliseconds. */
const LONGEST = 10 * 60_000;

/** Whether this browser can record voice messages. */
export const records =
  typeof MediaRecorder !== 'undefined' && TYPES.some((type) => MediaRecorder.isTypeSupported(type));

/**
 * Records voice messages. `done` is given each, as Ogg, and whether its speaker asked for it to be
 * sent: it may have reached its length, or they may have left; `failed` what went wrong.
 */
export function useRecorder(
  done: (voice: Blob, asked: boolean) => void,
  failed: (error: unknown) => void,
) {
  const [now, setNow] = useState<Recording>({ state: 'idle' });
  const recorder = useRef<MediaRecorder | null>(null);
  const keep = useRef(true);
  const here = useRef(true);
  const latest = useRef({ done, failed });
  useEffect(() => {
    latest.current = { done, failed };
  });

  const end = (keeping: boolean) => {
    keep.current = keeping;
    if (recorder.current?.state === 'recording') recorder.current.stop();
  };
  // Whoever leaves the conversation sends nothing, and loses nothing.
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
      if (recorder.current?.state === 'recording') recorder.current.stop();
    };
  }, []);

  const start = async () => {
    if (now.state !== 'idle') return;
    setNow({ state: 'asking' });
    try {
      // WhatsApp plays one channel only.
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
      const release = () => {
        for (const track of stream.getTracks()) track.stop();
      };
      if (!here.current) return release();
      const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
      const mine = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32_000 });
      const parts: Blob[] = [];
      let asked = true;
      const longest = setTimeout(() => {
        asked = false;
        mine.stop();
      }, LONGEST);
      mine.ondataavailable = ({ data }) => parts.push(data);
      mine.onstop = () => {
        clearTimeout(longest);
        release();
        recorder.current = null;
        if (here.current) setNow({ state: 'idle' });
        if (keep.current) void finish(parts, asked && here.current);
      };
      keep.current = true;
      recorder.current = mine;
      mine.start(1_000);
      setNow({ state: 'recording', since: Date.now() });
    } catch (error) {
      setNow({ state: 'idle' });
      latest.current.failed(error);
    }
  };

  const finish = async (parts: Blob[], asked: boolean) => {
    try {
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
      latest.current.done(new Blob([toOgg(bytes)], { type: 'audio/ogg' }), asked);
    } catch (error) {
      latest.current.failed(error);
    }
  };

  return {
    now,
    start: () => void start(),
    finish: () => end(true),
    cancel: () => end(false),
  };
}
