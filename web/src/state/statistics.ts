/** What each per-point statistic is: title, unit, one-line explanation, and how its ramp runs. */
import { amount, orDash } from './format.ts';
import { STATISTICS, type Result, type Statistic } from './result.ts';

/** `balance` is G minus D: the one signed quantity, shown on the diverging ramp. */
export type Shade = Statistic | 'balance';
export type Scale = 'unit' | 'linear' | 'log' | 'signed';

export interface About {
  readonly title: string;
  readonly unit: string;
  readonly what: string;
  readonly scale: Scale;
}

export const ABOUT: Readonly<Record<Shade, About>> = {
  entropy: {
    title: 'Entropy',
    unit: 'nats',
    what: 'How spread out the distribution is. Zero when one token has it all.',
    scale: 'linear',
  },
  entropy_norm: {
    title: 'Normalised entropy',
    unit: 'of ln V',
    what: 'Entropy as a share of the most this vocabulary allows.',
    scale: 'unit',
  },
  effective_tokens: {
    title: 'Effective tokens',
    unit: 'tokens',
    what: 'exp(entropy): the number of equally likely tokens with the same entropy.',
    scale: 'log',
  },
  p1: { title: 'Top-1', unit: 'probability', what: 'Probability of the most likely token.', scale: 'unit' },
  p2: { title: 'Runner-up', unit: 'probability', what: 'Probability of the second token.', scale: 'unit' },
  margin: {
    title: 'Margin',
    unit: 'probability',
    what: 'p1 − p2: the lead of the first token.',
    scale: 'unit',
  },
  ratio: {
    title: 'Ratio',
    unit: 'p2 / p1',
    what: 'How close the runner-up comes; 1 is a tie.',
    scale: 'unit',
  },
  top5_mass: {
    title: 'Top-5 mass',
    unit: 'probability',
    what: 'Probability held by the five most likely tokens.',
    scale: 'unit',
  },
  n_1pct: {
    title: 'Tokens at 1% or more',
    unit: 'tokens',
    what: 'How many tokens have a probability of at least 0.01.',
    scale: 'linear',
  },
  mass_1pct: {
    title: 'Mass at 1% or more',
    unit: 'probability',
    what: 'Probability held by the tokens with at least 0.01 each.',
    scale: 'unit',
  },
  n_rel: {
    title: 'Tokens above 500 / V',
    unit: 'tokens',
    what: 'The 1% count with a threshold that follows the size of the vocabulary.',
    scale: 'linear',
  },
  target_p: {
    title: 'Actual next token',
    unit: 'probability',
    what: 'Probability given to the token that really comes next.',
    scale: 'unit',
  },
  target_rank: {
    title: 'Rank of next token',
    unit: '1 = most likely',
    what: 'Place of the token that really comes next among all tokens.',
    scale: 'log',
  },
  surprisal: {
    title: 'Surprisal',
    unit: 'nats',
    what: '−ln of the probability given to the token that really comes next.',
    scale: 'linear',
  },
  kl_final: {
    title: 'KL to the output',
    unit: 'nats',
    what: 'Kullback–Leibler divergence from this distribution to the last layer’s.',
    scale: 'linear',
  },
  norm: { title: 'Norm', unit: '|h|', what: 'Length of the residual vector.', scale: 'log' },
  step: {
    title: 'Step',
    unit: '0 to 2',
    what: 'How far the direction of the residual vector moved since the layer below.',
    scale: 'linear',
  },
  turn: {
    title: 'Turn',
    unit: 'radians',
    what: 'Angle between this step and the one before it.',
    scale: 'linear',
  },
  g: {
    title: 'G, concentration',
    unit: '0 to 1',
    what: 'The concentration pole, by the chosen operator.',
    scale: 'unit',
  },
  d: {
    title: 'D, competition',
    unit: '0 to 1',
    what: 'The competition pole, by the chosen operator.',
    scale: 'unit',
  },
  balance: {
    title: 'G − D',
    unit: '−1 to 1',
    what: 'Positive where concentration outweighs competition.',
    scale: 'signed',
  },
};

const WHOLE: readonly Shade[] = ['n_1pct', 'n_rel', 'target_rank'];

/** A value as it is shown: counts and ranks whole, everything else with three digits. */
export function shown(shade: Shade, value: number | null | undefined): string {
  return typeof value === 'number' && WHOLE.includes(shade) ? String(value) : orDash(value);
}

/** The same in the little room of a cell. */
export function brief(shade: Shade, value: number | null): string {
  if (value !== null && value !== 0 && Math.abs(value) < 0.001) return value < 0 ? '>−.001' : '<.001';
  if (value !== null && Number.isFinite(value) && Math.abs(value) >= 10_000) return amount(Math.round(value));
  return shown(shade, value);
}

export const SHADES: readonly Shade[] = [...STATISTICS, 'balance'];

export function shadeAt(result: Result, shade: Shade, layer: number, position: number): number | null {
  if (shade !== 'balance') return result.points[shade][layer]?.[position] ?? null;
  const g = result.points.g[layer]?.[position] ?? null;
  const d = result.points.d[layer]?.[position] ?? null;
  return g === null || d === null ? null : g - d;
}

/** Why a statistic is absent at a point. */
export function absence(shade: Shade, layer: number): string {
  if (shade === 'step' && layer < 1) return 'a step needs a layer below';
  if (shade === 'turn' && layer < 2) return 'a turn needs two steps, so layer 2 or above';
  if (shade === 'target_p' || shade === 'target_rank' || shade === 'surprisal')
    return 'the text ends here, so there is no next token';
  return 'not a finite number';
}

export interface Extent {
  readonly low: number;
  readonly high: number;
  readonly scale: Scale;
}

/** The ends of a ramp: shared by all results shown, so that equal colours mean equal values. */
export function extent(results: readonly Result[], shade: Shade): Extent {
  const { scale } = ABOUT[shade];
  if (scale === 'unit') return { low: 0, high: 1, scale };
  if (scale === 'signed') return { low: -1, high: 1, scale };
  let low = Infinity;
  let high = -Infinity;
  for (const result of results) {
    for (const row of result.points[shade as Statistic]) {
      for (const value of row) {
        if (value === null || !Number.isFinite(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  if (low > high) return { low: 0, high: 1, scale };
  return scale === 'linear'
    ? { low: Math.min(0, low), high, scale }
    : { low: Math.max(low, 1e-9), high, scale };
}

/** Where a value lies between the ends, 0..1. */
export function fractionOf(value: number, { low, high, scale }: Extent): number {
  if (high <= low) return 0;
  const raw =
    scale === 'log'
      ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
      : (value - low) / (high - low);
  return Math.min(1, Math.max(0, raw));
}
