import { describe, expect, it } from 'vitest';
import { unsaid } from './own-ways';
import type { Me } from './types';

const me = {
  locale: 'pt-BR',
  preferences: { sound: true, send_on_enter: true },
} as unknown as Me;

describe('own ways', () => {
  it('tell the account only what it does not say', () => {
    const same = { language: 'pt-BR', sound: true, enterSends: true } as const;
    expect(unsaid(me, same)).toBeNull();
    expect(unsaid(me, { ...same, language: 'en' })).toEqual({ locale: 'en' });
    expect(unsaid(me, { ...same, enterSends: false })).toEqual({
      preferences: { send_on_enter: false },
    });
  });
});
