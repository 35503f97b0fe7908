/** A small result with known numbers, for tests of what is written from it. */
import { STATISTICS, type Result, type Statistic } from '@web/state/result.ts';

export interface Wanted {
  readonly name?: string;
  readonly layers?: number;
  readonly tokens?: readonly string[];
  readonly ratio?: number | null;
  readonly ratioBounds?: readonly [number, number] | null;
  readonly commit?: number;
  readonly commitBounds?: readonly [number, number] | null;
  readonly nonfinite?: number;
  readonly cutFrom?: number | null;
}

const NO_TRANSITIONS = {
  counts: Array.from({ length: 5 }, () => [0, 0, 0, 0, 0]),
  p: Array.from({ length: 5 }, () => [null, null, null, null, null]),
  low: Array.from({ length: 5 }, () => [null, null, null, null, null]),
  high: Array.from({ length: 5 }, () => [null, null, null, null, null]),
  self: [null, null, null, null, null],
  dwell: [null, null, null, null, null],
  stationary: null,
};

function points(layers: number, positions: number): Result['points'] {
  const column = (value: (layer: number, position: number) => number) =>
    Array.from({ length: layers + 1 }, (_, layer) =>
      Array.from({ length: positions }, (__, t) => value(layer, t)),
    );
  const statistics = Object.fromEntries(STATISTICS.map((name) => [name, column((l, t) => l + t / 10)]));
  return {
    ...(statistics as Record<Statistic, number[][]>),
    top: Array.from({ length: layers + 1 }, () =>
      Array.from({ length: positions }, () => [[1, 0.5] as const]),
    ),
    state: Array.from({ length: layers + 1 }, (_, layer) =>
      Array.from({ length: positions }, () => (layer === 0 ? null : ('E' as const))),
    ),
  };
}

export function resultWith(wanted: Wanted = {}): Result {
  const {
    name = 'Alpha',
    layers = 6,
    tokens = ['In', ' the'],
    ratio = 0.91,
    ratioBounds = [0.85, 0.97],
  } = wanted;
  const { commit = 4.2, commitBounds = [3.8, 4.6], nonfinite = 0, cutFrom = null } = wanted;
  const byLayer = Array.from({ length: layers + 1 }, (_, layer) => layer);
  return {
    schema: 'logitscope.result/1',
    engine: { version: '0', kernel: 'scalar', threads: 1 },
    model: {
      ...{
        name,
        arch: 'gpt2',
        layers,
        width: 64,
        heads: 4,
        vocab: 320,
        context: 32,
        parameters: 1,
        weights: 'F32',
      },
      ...{ bytes: 1, sha256: '0'.repeat(64) },
    },
    settings: {
      lens: 'normed',
      operator: 'mass-margin',
      from_layer: 1,
      top_k: 1,
      bos: 'none',
      cut_from: cutFrom,
    },
    tokens: tokens.map((text, id) => ({ id, text })),
    points: points(layers, tokens.length),
    vocab: { '1': ' the' },
    summary: {
      ...{
        gd_ratio: ratio,
        gd_ratio_ci: ratioBounds,
        mean_g: 0.4,
        mean_g_ci: null,
        mean_d: 0.5,
        mean_d_ci: null,
      },
      ...{ sync: null, theta_step: 0.5, nonfinite },
      ...{ gd_ratio_by_layer: byLayer, entropy_by_layer: byLayer, p1_by_layer: byLayer },
      states: { A: 0, B: 0, C: 0, D: 0, E: 1 },
      commit: { mean: commit, mean_ci: commitBounds, by_position: tokens.map(() => 4) },
      transitions: { depth: NO_TRANSITIONS, token: NO_TRANSITIONS },
    },
    digest: 'f'.repeat(64),
  };
}
