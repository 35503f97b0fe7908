/**
 * One interleaved run of everything (see README.md): every contender has a turn in every round. Writes
 * build/bench/latest.json and latest.md. BENCH_ROUNDS (3) sets the rounds; BENCH_QUICK=1 runs small shapes once, which
 * checks the bench and measures nothing.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstPaint } from './browser.ts';
import { contenders, LENS, PYTHON, type Contender, type Field } from './contenders.ts';
import { figures } from './figures.ts';
import { goalsOf } from './goals.ts';
import { growth } from './growth.ts';
import { FOLDER, standardJobs, type Job } from './jobs.ts';
import { context, load } from './machine.ts';
import { runNative } from './native.ts';
import { endAll, Peer } from './peer.ts';
import { markdown, type Report } from './report.ts';
import { Samples } from './samples.ts';
import { serve } from './server.ts';
import { meanError } from './statistics.ts';

const quick = process.env.BENCH_QUICK === '1';
const rounds = Number(process.env.BENCH_ROUNDS ?? (quick ? 1 : 3));
const TOKENS = quick ? 16 : 64;
const THREADS = 2;
const PATIENCE_S = 300;

process.once('exit', endAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const began = performance.now();
function say(what: string): void {
  console.log(`[${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s] ${what}`);
}

/** Entropies of S1 in float64, and the rows and graphs of its lens for onnxruntime. */
async function prepareLens(s1: Job): Promise<number[]> {
  execFileSync(PYTHON, ['tests/bench/lens_graphs.py', s1.model, LENS.f32, LENS.int8]);
  const torch = new Peer(PYTHON, ['tests/bench/pytorch.py', s1.model, s1.ids.join(','), String(THREADS)]);
  await torch.answer();
  const { entropy } = await torch.ask<{ entropy: number[] }>(`reference ${LENS.rows}`);
  torch.end();
  return entropy;
}

/** Mean error of our entropies, over the whole job: forward pass and lens. */
function ourEntropyError(s1: Job, reference: readonly number[]): number {
  const args = ['analyze', s1.model, '--text', s1.text, '--json', '-'];
  const json = execFileSync('build/native/logitscope', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  const [result] = JSON.parse(json) as { points: { entropy: number[][] } }[];
  return meanError(result?.points.entropy.flat() ?? [], reference);
}

/** Why a contender is missing from the tables. One that fails is left out from then on. */
const missing = new Map<string, string>();

async function attempt(contender: Contender, what: () => Promise<void> | undefined): Promise<void> {
  if (missing.has(contender.name)) return;
  try {
    await Promise.race([what(), tooLong()]);
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    missing.set(contender.name, reason);
    say(`${contender.name} is left out: ${reason}`);
    await contender.close?.();
  }
}

/** Rejects when nobody would wait any longer; keeps nothing alive. */
function tooLong(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new Error(`it took longer than ${PATIENCE_S} s`));
    }, PATIENCE_S * 1000).unref();
  });
}

async function takeTurns(all: readonly Contender[], samples: Samples): Promise<void> {
  for (const contender of all) {
    say(`ready: ${contender.name}`);
    await attempt(contender, () => contender.open?.());
  }
  for (let round = 1; round <= rounds; round++) {
    for (const contender of all) {
      if (contender.once === true && round > 1) continue;
      await attempt(contender, () => contender.turn(samples));
      say(`round ${round} of ${rounds}: ${contender.name}`);
    }
  }
  for (const contender of all) if (!missing.has(contender.name)) await contender.close?.();
}

const loadBefore = load();
const jobs = standardJobs(quick, TOKENS);
const [s1] = jobs;
if (s1 === undefined) throw new Error('there is no job');
const facts = await runNative(s1.model, s1.text, { threads: THREADS, analyses: 1 });
say('the reference in float64');
const reference = await prepareLens(s1);
const server = await serve({ isolated: true });
const field: Field = { jobs, threads: THREADS, reference, server };
const samples = new Samples();
samples.add('s1/ours/entropy error', ourEntropyError(s1, reference));
let chromium = '';
for (let round = 0; round < rounds; round++) chromium = await firstPaint(samples);
await takeTurns(contenders(field, facts.width), samples);
server.close();
const grown = await growth({ quick, rounds, threads: THREADS, say });
const ratios = figures(samples, facts, grown, THREADS);
const report: Report = {
  context: context(
    { quick, rounds, tokens: TOKENS, threads: THREADS, seconds: (performance.now() - began) / 1000 },
    chromium,
    loadBefore,
  ),
  jobs: jobs.map(({ id, name }) => ({ id, name })),
  ratios,
  goals: goalsOf(ratios, samples, `s1/native ${facts.kernel} x${THREADS}`, `s1/Chromium x${THREADS}`),
  growth: grown,
  samples,
  missing: Object.fromEntries(missing),
};
writeFileSync(join(FOLDER, 'latest.json'), `${JSON.stringify(report, null, 1)}\n`);
writeFileSync(join(FOLDER, 'latest.md'), markdown(report));
say('build/bench/latest.json and latest.md are written');
console.log(`\n${markdown(report)}`);
process.exit(0);
