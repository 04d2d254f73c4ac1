/**
 * Files that are dropped on the page, wherever: those of a conversation go to its composer, and
 * nobody who misses loses the page to the file, as browsers have it.
 */

import { useEffect, useRef } from 'react';
import { createStore, useStore } from '../store';

type Take = (files: FileList) => void;

let taker: Take | null = null;
/** Whether files are held over the page that somebody would take. */
const held = createStore(false);

const files = ({ dataTransfer, target }: DragEvent): DataTransfer | null => {
  // Such a field takes its files by itself.
  if (target instanceof HTMLInputElement && target.type === 'file') return null;
  return dataTransfer?.types.includes('Files') ? dataTransfer : null;
};

function over(event: DragEvent): void {
  const carried = files(event);
  if (!carried) return;
  event.preventDefault();
  carried.dropEffect = taker ? 'copy' : 'none';
  held.set(taker !== null);
}

function left({ relatedTarget }: DragEvent): void {
  if (relatedTarget === null) held.set(false);
}

function dropped(event: DragEvent): void {
  held.set(false);
  const carried = files(event);
  if (!carried) return;
  event.preventDefault();
  taker?.(carried.files);
}

/** Minds the page from now on. */
export function startDropping(): void {
  window.addEventListener('dragover', over);
  window.addEventListener('dragleave', left);
  window.addEventListener('drop', dropped);
}

/** Takes what is dropped, while `take` is there; says whether something is held over the page. */
export function useDropped(take: Take | null): boolean {
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  const takes = take !== null;
  useEffect(() => {
    if (!takes) return;
    const mine: Take = (list) => latest.current?.(list);
    taker = mine;
    return () => {
      if (taker === mine) taker = null;
      held.set(false);
    };
  }, [takes]);
  return useStore(held) && takes;
}
