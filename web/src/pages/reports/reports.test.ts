import { describe, expect, it } from 'vitest';
import { fileName } from '../../api/download';
import { today } from '../../i18n/format';
import { changeOf, duration, said, UNKNOWN } from './figures';
import { daysOf, periodOf } from './period';

describe('figures', () => {
  it('are written as in Brazil', () => {
    expect(said(1234567, 'count')).toBe('1.234.567');
    expect(said(0.667, 'rate')).toBe('66,7%');
    expect(said(4.25, 'stars')).toBe('4,3');
    expect(said(0, 'count')).toBe('0');
  });

  it('tell what was not measured from nought', () => {
    expect(said(null, 'seconds')).toBe(UNKNOWN);
    expect(said(undefined, 'rate')).toBe(UNKNOWN);
    expect(said(0, 'seconds')).toBe('0\u00a0s');
  });

  it('say spans in the units that matter', () => {
    expect(duration(59.6)).toBe('1\u00a0min\u00a000\u00a0s');
    expect(duration(125)).toBe('2\u00a0min\u00a005\u00a0s');
    expect(duration(11_400)).toBe('3\u00a0h\u00a010\u00a0min');
    expect(duration(187_200)).toBe('2\u00a0d\u00a04\u00a0h');
  });

  it('compare with what was before, where there was something', () => {
    expect(changeOf(150, 100, 'count')).toEqual({ direction: 'up', text: '+50%' });
    expect(changeOf(0.5, 0.625, 'rate')).toEqual({ direction: 'down', text: '-12,5 p.p.' });
    expect(changeOf(3, 0, 'count')).toBeNull();
    expect(changeOf(null, 3, 'seconds')).toBeNull();
    expect(changeOf(5, 5, 'count')?.direction).toBe('same');
  });
});

describe('periods', () => {
  it('mean days', () => {
    expect(daysOf('7d', '2027-03-03')).toEqual({ from: '2027-02-25', to: '2027-03-03' });
    expect(daysOf('lastMonth', '2027-03-31')).toEqual({ from: '2027-02-01', to: '2027-02-28' });
    expect(daysOf('lastMonth', '2027-01-15')).toEqual({ from: '2026-12-01', to: '2026-12-31' });
  });

  it('come from the address, and from nowhere else if that says nothing sensible', () => {
    const none = { from: null, to: null, period: null };
    expect(periodOf(none, '2027-03-03').preset).toBe('30d');
    expect(periodOf({ ...none, from: '2027-01-01', to: '2027-01-31' }, '2027-03-03')).toEqual({
      from: '2027-01-01',
      to: '2027-01-31',
      preset: null,
    });
    expect(periodOf({ ...none, from: '2027-02-01', to: '2027-01-31' }, '2027-03-03').preset).toBe(
      '30d',
    );
    expect(today(new Date(2027, 0, 5, 23, 59))).toBe('2027-01-05');
  });
});

describe('a file', () => {
  it('is called what the server calls it', () => {
    expect(fileName('attachment; filename="papo-2027-01-01-2027-01-31.csv"')).toBe(
      'papo-2027-01-01-2027-01-31.csv',
    );
    expect(fileName("attachment; filename*=UTF-8''relat%C3%B3rio.csv")).toBe('relatório.csv');
    expect(fileName(null)).toBeNull();
  });
});
