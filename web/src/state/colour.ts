/** Colours: states, models and ramps, as hexadecimal sRGB, and the contrast arithmetic that tests hold them to. */
import type { StateLetter } from './result.ts';
import { fractionOf, type Extent } from './statistics.ts';

/**
 * After Okabe and Ito, safe for colour-blind readers. Orange and grey are darkened until they, too, reach 3:1 on
 * white; all five do on both grounds.
 */
export const STATE_COLOUR: Readonly<Record<StateLetter, string>> = {
  A: '#d55e00',
  B: '#c48a00',
  C: '#0072b2',
  D: '#c874a5',
  E: '#8a8f98',
};

/** Models have their own palette, and a dash each. */
const MODEL_COLOURS = [
  '#7b61d9',
  '#8a7a1f',
  '#23888a',
  '#b0564b',
  '#5f7fb5',
  '#5b8a3c',
  '#a863b8',
  '#7a7a72',
  '#9c6b3f',
];
const MODEL_DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [5, 2, 5, 6],
  [12, 4],
  [1, 2],
  [4, 4],
  [8, 2, 2, 2],
];

export function modelColour(index: number): string {
  return MODEL_COLOURS[index % MODEL_COLOURS.length] ?? '#7b61d9';
}

export function modelDash(index: number): number[] {
  return [...(MODEL_DASHES[index % MODEL_DASHES.length] ?? [])];
}

function channels(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function toLinear(channel: number): number {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance, as WCAG defines it. */
export function luminance(hex: string): number {
  const [r, g, b] = channels(hex);
  return 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b);
}

export function contrast(one: string, other: string): number {
  const a = luminance(one);
  const b = luminance(other);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const INKS = new Map<string, string>();

/** Black or white, whichever is easier to read on `fill`. Remembered: a grid asks for the same few fills all the time. */
export function inkOn(fill: string): string {
  const known = INKS.get(fill);
  if (known !== undefined) return known;
  const ink = contrast(fill, '#000000') >= contrast(fill, '#ffffff') ? '#000000' : '#ffffff';
  INKS.set(fill, ink);
  return ink;
}

function toHex(linear: number): string {
  const clamped = Math.min(1, Math.max(0, linear));
  const c = clamped <= 0.0031308 ? clamped * 12.92 : 1.055 * clamped ** (1 / 2.4) - 0.055;
  return Math.round(c * 255)
    .toString(16)
    .padStart(2, '0');
}

/** Oklab lightness, chroma and hue (degrees) to sRGB. */
function oklch(lightness: number, chroma: number, hue: number): string {
  const angle = (hue * Math.PI) / 180;
  const a = chroma * Math.cos(angle);
  const b = chroma * Math.sin(angle);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  const green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  const blue = -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s;
  return `#${toHex(red)}${toHex(green)}${toHex(blue)}`;
}

/** Even steps of lightness from dark violet through teal to pale yellow. */
function sequential(t: number): string {
  return oklch(0.3 + 0.63 * t, 0.1 + 0.04 * Math.sin(Math.PI * t), 300 - 195 * t);
}

/** Blue below zero, white at zero, red above. */
function diverging(t: number): string {
  const away = Math.abs(2 * t - 1);
  return oklch(0.97 - 0.45 * away, 0.17 * away, t < 0.5 ? 255 : 27);
}

const STEPS = 64;
const RAMPS = {
  sequential: Array.from({ length: STEPS + 1 }, (_, i) => sequential(i / STEPS)),
  diverging: Array.from({ length: STEPS + 1 }, (_, i) => diverging(i / STEPS)),
};

export function ramp(kind: keyof typeof RAMPS, t: number): string {
  return RAMPS[kind][Math.round(Math.min(1, Math.max(0, t)) * STEPS)] ?? '#000000';
}

export function rampKind(extent: Extent): keyof typeof RAMPS {
  return extent.scale === 'signed' ? 'diverging' : 'sequential';
}

export function shadeColour(value: number, extent: Extent): string {
  return ramp(rampKind(extent), fractionOf(value, extent));
}
