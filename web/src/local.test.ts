import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { forget, forgetOld, recall, remember } from './local';

const DAY = 86_400_000;
const later = (days: number) => vi.setSystemTime(Date.now() + days * DAY);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  localStorage.clear();
});
afterEach(() => {
  vi.useRealTimers();
});

it('lets go of what somebody wrote and did not touch for a month', () => {
  remember('draft:ana:c1', { text: 'Seu exame' });
  remember('outbox:ana:k1', { text: 'de ontem' });
  remember('filter', 'mine');
  later(29);
  forgetOld();
  expect(recall('draft:ana:c1', null)).toEqual({ text: 'Seu exame' });
  remember('draft:ana:c1', { text: 'Seu exame está' });
  later(2);
  forgetOld();
  expect(recall('outbox:ana:k1', null)).toBeNull();
  expect(recall('draft:ana:c1', null)).toEqual({ text: 'Seu exame está' });
  later(31);
  forgetOld();
  // What somebody chose is not what somebody wrote.
  expect(Object.keys(localStorage)).toEqual(['papo:filter']);
});

it('gives a month to what was there before', () => {
  localStorage.setItem('papo:draft:ana:c1', '{"text":"Antigo"}');
  forgetOld();
  later(29);
  forgetOld();
  expect(recall('draft:ana:c1', null)).toEqual({ text: 'Antigo' });
  later(2);
  forgetOld();
  expect(localStorage.length).toBe(0);
});

it('leaves nothing of what is forgotten', () => {
  remember('form:ana::profile', { now: 'x' });
  forget('form:ana::profile');
  expect(localStorage.length).toBe(0);
});
