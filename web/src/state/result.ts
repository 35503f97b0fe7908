/** The shape of `logitscope.result/1`, as the core writes it. Columns are indexed [layer][position]. */

export const STATES = ['A', 'B', 'C', 'D', 'E'] as const;
export type StateLetter = (typeof STATES)[number];

export const STATISTICS = [
  'entropy',
  'entropy_norm',
  'effective_tokens',
  'p1',
  'p2',
  'margin',
  'ratio',
  'top5_mass',
  'n_1pct',
  'mass_1pct',
  'n_rel',
  'target_p',
  'target_rank',
  'surprisal',
  'kl_final',
  'norm',
  'step',
  'turn',
  'g',
  'd',
] as const;
export type Statistic = (typeof STATISTICS)[number];

export type Interval = readonly [number, number] | null;
export type Column<T> = readonly (readonly T[])[];
export type Candidate = readonly [id: number, p: number];

export type Points = Readonly<Record<Statistic, Column<number | null>>> & {
  readonly top: Column<readonly Candidate[]>;
  readonly state: Column<StateLetter | null>;
};

export interface Transitions {
  readonly counts: readonly (readonly number[])[];
  readonly p: readonly (readonly (number | null)[])[];
  readonly low: readonly (readonly (number | null)[])[];
  readonly high: readonly (readonly (number | null)[])[];
  readonly self: readonly (number | null)[];
  readonly dwell: readonly (number | null)[];
  readonly stationary: readonly (number | null)[] | null;
}

export interface Summary {
  readonly gd_ratio: number | null;
  readonly gd_ratio_ci: Interval;
  readonly mean_g: number | null;
  readonly mean_g_ci: Interval;
  readonly mean_d: number | null;
  readonly mean_d_ci: Interval;
  readonly sync: number | null;
  readonly theta_step: number | null;
  readonly gd_ratio_by_layer: readonly (number | null)[];
  readonly entropy_by_layer: readonly (number | null)[];
  readonly p1_by_layer: readonly (number | null)[];
  readonly states: Readonly<Record<StateLetter, number>>;
  readonly commit: {
    readonly mean: number | null;
    readonly mean_ci: Interval;
    readonly by_position: readonly number[];
  };
  readonly nonfinite: number;
  /** Bytes of the text that the vocabulary has no token for; results of older versions do not say. */
  readonly left_out?: number;
  readonly transitions: { readonly depth: Transitions; readonly token: Transitions };
}

export interface ResultModel {
  readonly name: string;
  readonly arch: string;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly vocab: number;
  readonly context: number;
  readonly parameters: number;
  readonly weights: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Result {
  readonly schema: string;
  readonly engine: { readonly version: string; readonly kernel: string; readonly threads: number };
  readonly model: ResultModel;
  readonly settings: {
    readonly lens: 'normed' | 'raw';
    readonly operator: string;
    readonly from_layer: number;
    readonly top_k: number;
    readonly bos: string;
    readonly cut_from: number | null;
  };
  readonly tokens: readonly { readonly id: number; readonly text: string }[];
  readonly points: Points;
  readonly vocab: Readonly<Record<string, string>>;
  readonly summary: Summary;
  readonly digest: string;
}

const SCHEMA = 'logitscope.result/1';

/** Read what the core wrote. It is our own worker's output, so only its version is checked. */
export function parseResult(json: string): Result {
  const result = JSON.parse(json) as Result;
  if (result.schema !== SCHEMA)
    throw new Error(`The engine wrote ${result.schema}; this page reads ${SCHEMA}.`);
  return result;
}

export function tokenText(result: Result, id: number): string {
  return result.vocab[String(id)] ?? `#${id}`;
}

/** "output" for the last layer, its number below. */
export function layerName(layer: number, layers: number): string {
  return layer === layers ? 'output' : String(layer);
}
