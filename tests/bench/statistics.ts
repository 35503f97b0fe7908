/** The arithmetic of the tables: pure functions over lists of numbers. */

/** The middle of what was measured, and its ends. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The middle value; of an even number, the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

export function spread(values: readonly number[]): Spread {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

/** Round by round, so that what slowed one round of an interleaved run slows both sides of its ratio. */
export function ratios(above: readonly number[], below: readonly number[]): number[] {
  if (above.length !== below.length)
    throw new Error(`${above.length} values cannot be divided by ${below.length}`);
  return above.map((value, round) => value / (below[round] ?? NaN));
}

export interface Line {
  readonly slope: number;
  readonly intercept: number;
}

/** Least squares: y = intercept + slope x. */
export function fitLine(xs: readonly number[], ys: readonly number[]): Line {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x0, y0] = [mean(xs), mean(ys)];
  const covariance = xs.reduce((sum, x, i) => sum + (x - x0) * ((ys[i] ?? NaN) - y0), 0);
  const variance = xs.reduce((sum, x) => sum + (x - x0) ** 2, 0);
  const slope = covariance / variance;
  return { slope, intercept: y0 - slope * x0 };
}

/** The exponent e of y = c x^e, by least squares on the logarithms. */
export function fitExponent(xs: readonly number[], ys: readonly number[]): number {
  return fitLine(xs.map(Math.log), ys.map(Math.log)).slope;
}

/** The mean of |a - b|. */
export function meanError(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw new Error(`${a.length} values cannot be compared with ${b.length}`);
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? NaN)), 0) / a.length;
}
