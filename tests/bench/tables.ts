/** Numbers as text: pure. */
import type { Spread } from './statistics.ts';

/** Three significant digits; whole above 1000. */
export function number(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** The median, and the ends where they differ. */
export function shown(spread: Spread | null, scale = 1): string {
  if (spread === null) return '–';
  const { min, median, max } = spread;
  const ends = min === max ? '' : ` (${number(min * scale)} to ${number(max * scale)})`;
  return number(median * scale) + ends;
}

export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}

const BARS = '▁▂▃▄▅▆▇█';

/** A line of bars from the smallest value to the largest. */
export function sparkline(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const step = (high - low) / (BARS.length - 1);
  return values.map((value) => BARS[step > 0 ? Math.round((value - low) / step) : 0]).join('');
}
