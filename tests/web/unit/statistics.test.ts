import { describe, expect, it } from 'vitest';
import { absence, ABOUT, brief, extent, fractionOf, shadeAt, SHADES } from '@web/state/statistics.ts';
import { resultWith } from './support/result.ts';

describe('a ramp', () => {
  it('is shared by all results, so that equal colours mean equal values', () => {
    const { high } = extent([resultWith({ layers: 3 }), resultWith({ layers: 9 })], 'entropy');
    expect(high).toBeCloseTo(9.1);
  });

  it('has fixed ends for probabilities and signed ends for G − D', () => {
    expect(extent([resultWith()], 'p1')).toEqual({ low: 0, high: 1, scale: 'unit' });
    expect(extent([resultWith()], 'balance')).toEqual({ low: -1, high: 1, scale: 'signed' });
  });

  it('places values by ratio on a logarithmic scale', () => {
    const scale = { low: 1, high: 100, scale: 'log' } as const;
    expect([1, 10, 100, 0, 1e6].map((value) => fractionOf(value, scale))).toEqual([0, 0.5, 1, 0, 1]);
  });

  it('does not divide by an empty range', () => {
    expect(fractionOf(5, { low: 5, high: 5, scale: 'linear' })).toBe(0);
  });
});

describe('every statistic', () => {
  it.each(SHADES)('%s has a title, a unit and an explanation', (shade) => {
    expect(ABOUT[shade].title).not.toBe('');
    expect(ABOUT[shade].unit).not.toBe('');
    expect(ABOUT[shade].what).toMatch(/\.$|\)$/);
  });

  it('says why it is absent', () => {
    expect(absence('step', 0)).toContain('layer below');
    expect(absence('turn', 1)).toContain('layer 2');
    expect(absence('surprisal', 6)).toContain('no next token');
  });

  it('is short in a cell', () => {
    expect([1e-5, -1e-5, 0, 123456, 0.5, null].map((value) => brief('entropy', value))).toEqual([
      ...['<.001', '>−.001', '0', '123 k', '0.500', '–'],
    ]);
    expect(brief('target_rank', 108)).toBe('108');
  });

  it('is read from its column, and G − D from two', () => {
    expect(shadeAt(resultWith(), 'entropy', 3, 1)).toBeCloseTo(3.1);
    expect(shadeAt(resultWith(), 'balance', 3, 1)).toBe(0);
    expect(shadeAt(resultWith(), 'entropy', 99, 0)).toBeNull();
  });
});
