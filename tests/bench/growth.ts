/** How time and memory grow with positions, layers and vocabulary: exponents of a power law, and bytes a point. */
import { analyseInPage, openInPage, withPage } from './browser.ts';
import { shapeFile, textOf } from './jobs.ts';
import { runNative, type NativeRun } from './native.ts';
import { fitExponent, spread, type Spread } from './statistics.ts';

export interface Curve {
  readonly what: string;
  readonly where: string;
  readonly xs: readonly number[];
  /** Median seconds at each x. */
  readonly seconds: readonly number[];
  /** Most bytes allocated at once, at each x; none in the browser. */
  readonly bytes: readonly number[];
  /** One fit a round. */
  readonly exponent: Spread;
}

export interface Growth {
  readonly curves: readonly Curve[];
  /** The slope of memory over points between one length of text and the next. */
  readonly bytesPerPoint: Spread;
}

interface Options {
  readonly quick: boolean;
  readonly rounds: number;
  readonly threads: number;
  readonly say: (what: string) => void;
}

interface Case {
  readonly model: string;
  readonly text: string;
}

const FULL = {
  positions: { shape: 'gpt2', lengths: [16, 32, 64, 128, 256, 512] },
  layers: ['gpt2-3-layers', 'distilgpt2', 'gpt2', 'gpt2-24-layers'],
  vocabulary: ['gpt2-6k-tokens', 'gpt2-12k-tokens', 'gpt2-25k-tokens', 'gpt2'],
  tokens: 64,
};
const QUICK: typeof FULL = {
  positions: { shape: 'quick-gpt2', lengths: [4, 8, 16] },
  layers: ['quick-gpt2', 'gpt2-3-layers'],
  vocabulary: ['quick-gpt2', 'quick-qwen2'],
  tokens: 8,
};

/** Warm runs of every case, round after round: [round][case]. */
async function nativeRounds(cases: readonly Case[], { rounds, threads }: Options): Promise<NativeRun[][]> {
  const all: NativeRun[][] = [];
  for (let round = 0; round < rounds; round++) {
    const runs: NativeRun[] = [];
    for (const { model, text } of cases) runs.push(await runNative(model, text, { threads, analyses: 2 }));
    all.push(runs);
  }
  return all;
}

function curve(what: string, where: string, xs: readonly number[], seconds: readonly number[][]): Curve {
  const exponent = spread(seconds.map((round) => fitExponent(xs, round)));
  const medians = xs.map((_, i) => spread(seconds.map((round) => round[i] ?? NaN)).median);
  return { what, where, xs, seconds: medians, bytes: [], exponent };
}

type Pick = (run: NativeRun) => number;
const warm: Pick = (run) => run.analyses.at(-1)?.seconds ?? NaN;
const lens: Pick = (run) => run.analyses.at(-1)?.lens ?? NaN;

function nativeCurve(what: string, runs: readonly NativeRun[][], x: Pick, y: Pick): Curve {
  const [first = []] = runs;
  const timed = curve(
    what,
    'native',
    first.map(x),
    runs.map((round) => round.map(y)),
  );
  return { ...timed, bytes: first.map(({ bytes }) => bytes) };
}

/** The lengths in one page, after one another; the first pass only warms it. */
async function browserSeconds(cases: readonly Case[], rounds: number): Promise<number[][]> {
  return withPage(true, async (page) => {
    const [first] = cases;
    if (first === undefined) return [];
    await openInPage(page, first.model);
    await analyseInPage(page, first.text);
    const all: number[][] = [];
    for (let round = 0; round < rounds; round++) {
      const seconds: number[] = [];
      for (const { text } of cases) {
        seconds.push((await analyseInPage(page, text)).worked);
      }
      all.push(seconds);
    }
    return all;
  });
}

function bytesPerPoint(runs: readonly NativeRun[]): Spread {
  const points = (run: NativeRun): number => (run.layers + 1) * run.positions;
  const slopes = runs.slice(1).map((run, i) => {
    const before = runs[i] ?? run;
    return (run.analysis_bytes - before.analysis_bytes) / (points(run) - points(before));
  });
  return spread(slopes);
}

export async function growth(options: Options): Promise<Growth> {
  const { positions, layers, vocabulary, tokens } = options.quick ? QUICK : FULL;
  const shape = shapeFile(positions.shape);
  const lengths = positions.lengths.map((length) => ({ model: shape, text: textOf(shape, length).text }));
  const caseOf = (name: string): Case => ({
    model: shapeFile(name),
    text: textOf(shapeFile(name), tokens).text,
  });

  options.say('growth: positions, native');
  const byPositions = await nativeRounds(lengths, options);
  options.say('growth: positions, Chromium');
  const inBrowser = await browserSeconds(lengths, options.rounds);
  options.say('growth: layers');
  const byLayers = await nativeRounds(layers.map(caseOf), options);
  options.say('growth: vocabulary');
  const byVocabulary = await nativeRounds(vocabulary.map(caseOf), options);
  return {
    curves: [
      nativeCurve('positions', byPositions, ({ positions }) => positions, warm),
      curve('positions', 'Chromium', positions.lengths, inBrowser),
      nativeCurve('layers + 1', byLayers, ({ layers }) => layers + 1, warm),
      nativeCurve('vocabulary (the lens alone)', byVocabulary, ({ vocab }) => vocab, lens),
    ],
    bytesPerPoint: bytesPerPoint(byPositions[0] ?? []),
  };
}
