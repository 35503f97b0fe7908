import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  contrast,
  inkOn,
  luminance,
  modelColour,
  modelDash,
  ramp,
  shadeColour,
  STATE_COLOUR,
} from '@web/state/colour.ts';
import { STATES } from '@web/state/result.ts';

/** The grounds as the style sheet has them. */
const sheet = readFileSync(new URL('../../../web/src/styles/base.css', import.meta.url), 'utf8');
const GROUNDS = [...new Set(Array.from(sheet.matchAll(/--ground: (#\w{6})/g), ([, ground]) => ground ?? ''))];

const MODELS = Array.from({ length: 9 }, (_, i) => i);

describe('contrast', () => {
  it('is held against a light and a dark ground', () => {
    expect(GROUNDS).toHaveLength(2);
  });

  it('is computed as WCAG defines it', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  it.each(STATES)('of state %s is at least 3:1 on both grounds, and of its letter 4.5:1', (state) => {
    const colour = STATE_COLOUR[state];
    for (const ground of GROUNDS) expect(contrast(colour, ground)).toBeGreaterThanOrEqual(3);
    expect(contrast(colour, inkOn(colour))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(MODELS)('of model line %i is at least 3:1 on both grounds', (index) => {
    for (const ground of GROUNDS) expect(contrast(modelColour(index), ground)).toBeGreaterThanOrEqual(3);
  });

  it('of text on any shade of a ramp is at least 4.5:1', () => {
    for (const kind of ['sequential', 'diverging'] as const)
      for (let i = 0; i <= 64; i += 1) {
        const fill = ramp(kind, i / 64);
        expect(contrast(fill, inkOn(fill))).toBeGreaterThanOrEqual(4.5);
      }
  });
});

describe('palettes', () => {
  it('give each model its own colour and dash, none of them a state’s', () => {
    const colours = MODELS.map(modelColour);
    expect(new Set([...colours, ...Object.values(STATE_COLOUR)]).size).toBe(14);
    expect(new Set(MODELS.map((index) => modelDash(index).join())).size).toBe(9);
  });

  it('grow lighter in even steps along the sequential ramp', () => {
    for (let i = 1; i <= 64; i += 1)
      expect(luminance(ramp('sequential', i / 64))).toBeGreaterThan(
        luminance(ramp('sequential', (i - 1) / 64)),
      );
  });

  it('put zero at white on the diverging ramp', () => {
    const extent = { low: -1, high: 1, scale: 'signed' } as const;
    expect(luminance(shadeColour(0, extent))).toBeGreaterThan(0.85);
    expect(shadeColour(-1, extent)).not.toBe(shadeColour(1, extent));
  });
});
