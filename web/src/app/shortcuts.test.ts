import { describe, expect, it } from 'vitest';
import { pressed } from './shortcuts';

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
