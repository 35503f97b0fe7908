import { describe, expect, it } from 'vitest';
import { amount, bytes, clip, duration, orDash, percent, sig3, visible } from '@web/state/format.ts';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1, '1.00'],
    [0.9999, '1.00'],
    [9.999, '10.0'],
    [12.345, '12.3'],
    [123.45, '123'],
    [99999, '100000'],
    [-0.5, '−0.500'],
    [0.00012345, '1.23 × 10⁻⁴'],
    [1.5e10, '1.50 × 10¹⁰'],
    [Number.NaN, 'not a number'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
  ])('%s has three significant digits', (value, shown) => {
    expect(sig3(value)).toBe(shown);
  });

  it('shows a dash where there is none', () => {
    expect(orDash(null)).toBe('–');
    expect(orDash(undefined)).toBe('–');
  });

  it('shows shares, sizes, amounts and times with their units', () => {
    expect([percent(0), percent(0.004), percent(0.5), percent(1)]).toEqual(['0%', '0.4%', '50%', '100%']);
    expect([bytes(12), bytes(1500), bytes(3 * 1024 ** 3)]).toEqual(['12 bytes', '1.50 kB', '3.22 GB']);
    expect([amount(320), amount(1_842_176), amount(1.3e9)]).toEqual(['320', '1.84 M', '1.30 B']);
    expect([duration(12.4), duration(1500), duration(125_000)]).toEqual(['12 ms', '1.50 s', '2 min 5 s']);
  });
});

describe('tokens', () => {
  it('shows spaces and line ends', () => {
    expect(visible(' the')).toBe('·the');
    expect(visible('\n\t')).toBe('⏎⇥');
    expect(visible('')).toBe('∅');
  });

  it('leaves HTML as the text that it is', () => {
    expect(visible('<img src=x onerror=alert(1)>')).toBe('<img·src=x·onerror=alert(1)>');
  });

  it('disarms controls and characters that reorder or hide text', () => {
    expect(visible('a\u202Eb')).toBe('a‹202e›b');
    expect(visible('\u200B\u0000')).toBe('‹200b›‹0›');
  });

  it('clips by characters, not by halves of them', () => {
    expect(clip('😀😀😀', 2)).toBe('😀…');
    expect(clip('abc', 3)).toBe('abc');
  });
});
