/** Numbers and tokens as they are shown. Exports and the clipboard carry full precision instead. */

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function exponent(value: number): string {
  const digits = Array.from(String(Math.abs(value)), (digit) => SUPERSCRIPT.charAt(Number(digit))).join('');
  return `10${value < 0 ? '⁻' : ''}${digits}`;
}

/** Three significant digits; scientific below 0.001 and above a million. */
export function sig3(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 0.001 || size >= 1e6) {
    const [mantissa = '', power = '0'] = value.toExponential(2).split('e');
    return `${mantissa.replace('-', '−')} × ${exponent(Number(power))}`;
  }
  return Number(value.toPrecision(3)).toFixed(decimals(size)).replace('-', '−');
}

function decimals(size: number): number {
  const rounded = Number(size.toPrecision(3));
  return Math.max(0, 2 - Math.floor(Math.log10(rounded)));
}

/** A number, or a dash where there is none. */
export function orDash(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : sig3(value);
}

export function percent(fraction: number): string {
  const value = fraction * 100;
  return `${value === 0 ? '0' : value < 10 ? value.toFixed(1) : value.toFixed(0)}%`;
}

export function interval(bounds: readonly [number, number] | null): string {
  return bounds === null ? '' : `${sig3(bounds[0])} to ${sig3(bounds[1])}`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

function unitOf(count: number): number {
  const power = count < 1000 ? 0 : Math.floor(Math.log10(count) / 3 + 1e-9);
  return Math.min(power, UNITS.length - 1);
}

function inUnit(count: number, unit: number): string {
  return unit === 0 ? String(count) : sig3(count / 1000 ** unit);
}

export function bytes(count: number): string {
  const unit = unitOf(count);
  return `${inUnit(count, unit)} ${UNITS[unit] ?? ''}`;
}

/** "210 of 548 MB": both in the unit of the whole. */
export function bytesOf(done: number, total: number): string {
  const unit = unitOf(total);
  const little = unit > 0 && done < 1000 ** unit / 100;
  return `${little ? '0' : inUnit(done, unit)} of ${inUnit(total, unit)} ${UNITS[unit] ?? ''}`;
}

/** 1 842 176 parameters as "1.84 M". */
export function amount(count: number): string {
  if (count >= 1e9) return `${sig3(count / 1e9)} B`;
  if (count >= 1e6) return `${sig3(count / 1e6)} M`;
  if (count >= 1e4) return `${sig3(count / 1e3)} k`;
  return String(count);
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${sig3(milliseconds / 1000)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A day, the same way everywhere. */
export function day(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

const VISIBLE = new Map([
  [' ', '·'],
  ['\n', '⏎'],
  ['\r', '␍'],
  ['\t', '⇥'],
]);
/** Spaces and line ends; controls, and the characters that would reorder or hide what stands around them. */
const SPECIAL = /[ \p{Cc}\p{Cf}\p{Co}\u2028\u2029\u3164]/gu;

/** A token as it is shown: spaces and line ends visible, nothing that could disturb the text around it. */
export function visible(token: string): string {
  if (token === '') return '∅';
  return token.replace(
    SPECIAL,
    (character) => VISIBLE.get(character) ?? `‹${(character.codePointAt(0) ?? 0).toString(16)}›`,
  );
}

/** At most `length` characters, with an ellipsis where something was left out. */
export function clip(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Text of unknown origin inside of a sentence, which stays one line. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
