import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenForKeys, pressed, shortcuts } from './shortcuts';

const key = (name: string, more: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key: name, ...more });

describe('keys', () => {
  it('are letters without anything else', () => {
    expect(pressed('J', key('j'))).toBe(true);
    expect(pressed('J', key('k'))).toBe(false);
    expect(pressed('J', key('J', { shiftKey: true }))).toBe(false);
    expect(pressed('J', key('j', { ctrlKey: true }))).toBe(false);
    expect(pressed('J', key('j', { altKey: true }))).toBe(false);
  });

  it('are signs wherever the keyboard has them', () => {
    expect(pressed('?', key('?', { shiftKey: true }))).toBe(true);
    expect(pressed('?', key('?'))).toBe(true);
    expect(pressed('/', key('/', { shiftKey: true }))).toBe(true);
  });

  it('are held together where that is said', () => {
    expect(pressed('mod+K', key('k', { ctrlKey: true }))).toBe(true);
    expect(pressed('mod+K', key('k'))).toBe(false);
    expect(pressed('alt+ArrowUp', key('ArrowUp', { altKey: true }))).toBe(true);
    expect(pressed('alt+ArrowUp', key('ArrowUp'))).toBe(false);
  });
});

describe('the rest of a sentence', () => {
  const give = vi.fn();
  let field: HTMLTextAreaElement;
  let stop: () => void;
  const press = (name: string, at: Element = document.body) =>
    at.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));

  beforeEach(() => {
    vi.useFakeTimers();
    give.mockClear();
    shortcuts.set([{ keys: 'B', label: 'Devolver', group: '', run: give }]);
    field = document.body.appendChild(document.createElement('textarea'));
    stop = listenForKeys();
  });
  afterEach(() => {
    stop();
    field.remove();
    vi.useRealTimers();
  });

  it('does nothing after its field was taken away', () => {
    press('o', field);
    field.disabled = true;
    press('b');
    vi.advanceTimersByTime(1_000);
    press('b');
    vi.advanceTimersByTime(1_000);
    press('b');
    expect(give).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2_000);
    press('b');
    expect(give).toHaveBeenCalledTimes(1);
  });

  it('does nothing after all that it stood in has gone', () => {
    press('o', field);
    field.remove();
    press('b');
    expect(give).not.toHaveBeenCalled();
  });

  it('is over once somebody leaves the field', () => {
    press('o', field);
    press('Escape', field);
    field.remove();
    press('b');
    expect(give).toHaveBeenCalledTimes(1);
  });

  it('is over once somebody points elsewhere, and where the field is still there', () => {
    press('o', field);
    press('b');
    press('o', field);
    field.remove();
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));
    press('b');
    expect(give).toHaveBeenCalledTimes(2);
  });
});
