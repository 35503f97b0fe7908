/** Everything that takes its turn in a round. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadStored, runInBrowser, type BrowserRun } from './browser.ts';
import {
  browserCeiling,
  ChromiumPeer,
  openOrtWeb,
  openWllama,
  type LensRun,
  type LensShape,
  type Prefill,
} from './chromium-peers.ts';
import { FOLDER, shapeFile, type Job } from './jobs.ts';
import { nativeCeiling, nativeKernels, runNative } from './native.ts';
import { Peer } from './peer.ts';
import type { LensTime } from './peers/lens.ts';
import type { Samples } from './samples.ts';
import type { Server } from './server.ts';
import { meanError } from './statistics.ts';

export interface Contender {
  readonly name: string;
  /** One turn: adds what it measured under names that begin with its own. */
  turn(samples: Samples): Promise<void>;
  /** It is slow, and in no ratio: a turn in the first round is enough. */
  readonly once?: boolean;
  /** What must be ready before the first turn: not measured. */
  open?(): Promise<void>;
  close?(): Promise<void> | void;
}

export interface Field {
  readonly jobs: readonly Job[];
  readonly threads: number;
  /** Entropy of every row of the lens of S1, layer by layer, by PyTorch in float64. */
  readonly reference: readonly number[];
  readonly server: Server;
}

export const LENS = {
  f32: resolve(FOLDER, 'lens-f32.onnx'),
  int8: resolve(FOLDER, 'lens-int8.onnx'),
  rows: resolve(FOLDER, 'lens-rows.f32'),
};
export const PYTHON = resolve('build/venv-bench/bin/python');

/** What is there once a contender is open. */
class Later<T> {
  value: T | null = null;

  set(value: T): T {
    this.value = value;
    return value;
  }

  get(): T {
    if (this.value === null) throw new Error('it is not open');
    return this.value;
  }
}

/** What is left of the memory when the weights and 8 KB a point are taken off: the goal gives it 64 MB. */
const BYTES_A_POINT = 8192;
/** Bytes of a job's weights in memory, the same everywhere: the native build tells them. */
const residents = new Map<string, number>();

/** The digests of a job must be one, whoever computed it: else the bench compares different work. */
const digests = new Map<string, string>();
function sameDigest(job: Job, digest: string): void {
  const known = digests.get(job.id) ?? digest;
  digests.set(job.id, known);
  if (known !== digest) throw new Error(`${job.id}: the digest is ${digest}, and was ${known} elsewhere`);
}

function native(job: Job, kernel: string, threads: number, analyses: number): Contender {
  const name = `${job.id}/native ${kernel} x${threads}`;
  return {
    name,
    async turn(samples) {
      const run = await runNative(job.model, job.text, { kernel, threads, analyses });
      sameDigest(job, run.digest);
      const [cold, warm = cold] = run.analyses;
      if (cold === undefined || warm === undefined) throw new Error('no analysis came back');
      samples.add(`${name}/load`, run.load);
      samples.add(`${name}/load GB/s`, run.file / run.load / 1e9);
      if (warm !== cold) samples.add(`${name}/cold`, cold.seconds);
      samples.add(`${name}/warm`, warm.seconds);
      samples.add(`${name}/forward`, warm.forward);
      samples.add(`${name}/lens`, warm.lens);
      samples.add(`${name}/rss`, run.rss);
      residents.set(job.id, run.resident);
      samples.add(
        `${name}/spare`,
        run.bytes - run.resident - BYTES_A_POINT * (run.layers + 1) * run.positions,
      );
    },
  };
}

function browser(job: Job, threads: number): Contender {
  const name = `${job.id}/Chromium x${threads}`;
  const small = shapeFile('quick-gpt2');
  const size = statSync(job.model).size;
  const keep = (samples: Samples, run: BrowserRun): void => {
    samples.add(`${name}/engine start`, run.start);
    samples.add(`${name}/load`, run.load);
    samples.add(`${name}/load GB/s`, size / run.load / 1e9);
    samples.add(`${name}/cold`, run.first);
    samples.add(`${name}/warm`, run.warm);
    samples.add(`${name}/wall`, run.wall);
    samples.add(`${name}/lens`, run.lens);
    samples.add(`${name}/rss`, run.rss);
    samples.add(`${name}/heap`, run.heap);
    samples.add(`${name}/spare`, run.heap - (residents.get(job.id) ?? NaN) - BYTES_A_POINT * run.points);
  };
  return {
    name,
    async turn(samples) {
      const run = await runInBrowser(job.model, job.text, small, threads > 1);
      sameDigest(job, run.digest);
      if (run.threads !== threads) throw new Error(`the page runs ${run.threads} thread(s)`);
      keep(samples, run);
    },
  };
}

/** A model that was just fetched, and then that an earlier visit kept, with its SHA-256. */
function stored(job: Job, threads: number): Contender {
  const name = `${job.id}/Chromium x${threads} from the store`;
  const size = statSync(job.model).size;
  return {
    name,
    async turn(samples) {
      const waits = await loadStored(job.model, shapeFile('quick-gpt2'), threads > 1);
      samples.add(`${job.id}/Chromium x${threads} just fetched/load`, waits.fetched);
      samples.add(`${name}/load`, waits.stored);
      samples.add(`${name}/load GB/s`, size / waits.stored / 1e9);
    },
  };
}

function pytorch(job: Job, how: 'eager' | 'compiled', threads: number): Contender {
  const name = `${job.id}/PyTorch ${how}`;
  const peer = new Later<Peer>();
  return {
    name,
    async open() {
      const process = peer.set(
        new Peer(PYTHON, ['tests/bench/pytorch.py', job.model, job.ids.join(','), String(threads)], {
          OMP_NUM_THREADS: String(threads),
        }),
      );
      await process.answer();
      await process.ask(how); // the first call compiles, or finds its memory
    },
    async turn(samples) {
      const { seconds, rss } = await peer.get().ask<{ seconds: number; rss: number }>(how);
      samples.add(`${name}/warm`, seconds);
      samples.add(`${name}/rss`, rss);
    },
    close: () => peer.value?.end(),
  };
}

function addLens(samples: Samples, name: string, field: Field, run: LensTime & { rss: number }): void {
  samples.add(`${name}/lens`, run.seconds);
  samples.add(`${name}/rss`, run.rss);
  samples.add(`${name}/entropy error`, meanError(run.entropy, field.reference));
}

function ortNode(type: 'f32' | 'int8', setup: LensShape, field: Field): Contender {
  const name = `s1/onnxruntime-node ${type}`;
  const peer = new Later<Peer>();
  return {
    name,
    async open() {
      const numbers = [setup.width, setup.chunk, setup.threads].map(String);
      const args = ['tests/bench/peers/ort-node.ts', LENS[type], LENS.rows, ...numbers];
      await peer.set(new Peer(process.execPath, args)).ask('pass');
    },
    async turn(samples) {
      addLens(samples, name, field, await peer.get().ask('pass'));
    },
    close: () => peer.value?.end(),
  };
}

function ortWeb(type: 'f32' | 'int8', setup: LensShape, field: Field): Contender {
  const name = `s1/onnxruntime-web ${type}`;
  const peer = new Later<ChromiumPeer>();
  const pass = new Later<LensRun>();
  return {
    name,
    async open() {
      const chromium = peer.set(await ChromiumPeer.open(field.server));
      const run = pass.set(await openOrtWeb(chromium, { ...setup, model: LENS[type], rows: LENS.rows }));
      await run(); // the first call is seconds slower: V8 has not optimised it yet
    },
    async turn(samples) {
      addLens(samples, name, field, await pass.get()());
    },
    close: () => peer.value?.close(),
  };
}

function wllama(job: Job, field: Field): Contender {
  const name = `${job.id}/wllama prefill`;
  const peer = new Later<ChromiumPeer>();
  const prefill = new Later<Prefill>();
  return {
    name,
    async open() {
      const chromium = peer.set(await ChromiumPeer.open(field.server));
      const run = prefill.set(await openWllama(chromium, { ...job, threads: field.threads }));
      const { tokens } = await run();
      if (tokens !== job.ids.length) throw new Error(`llama.cpp reads the text as ${tokens} tokens`);
    },
    async turn(samples) {
      const { seconds, rss } = await prefill.get()();
      samples.add(`${name}/forward`, seconds);
      samples.add(`${name}/rss`, rss);
    },
    close: () => peer.value?.close(),
  };
}

function ceilings(field: Field, kernel: string): Contender[] {
  const counts = [1, field.threads];
  const peer = new Later<ChromiumPeer>();
  return [
    {
      name: 'ceiling/native',
      async turn(samples) {
        for (const threads of counts)
          samples.add(`ceiling/native ${kernel} x${threads}`, await nativeCeiling(kernel, threads));
      },
    },
    {
      name: 'ceiling/Chromium',
      async open() {
        await browserCeiling(peer.set(await ChromiumPeer.open(field.server)), 1);
      },
      async turn(samples) {
        for (const threads of counts)
          samples.add(`ceiling/Chromium x${threads}`, await browserCeiling(peer.get(), threads));
      },
      close: () => peer.value?.close(),
    },
  ];
}

/** In the order of their turns: what is compared is near in time. */
export function contenders(field: Field, width: number): Contender[] {
  const { threads } = field;
  const [s1, ...others] = field.jobs;
  if (s1 === undefined) return [];
  const [fastest = '', ...slower] = nativeKernels();
  const setup = { width, chunk: s1.ids.length, threads };
  const ours = field.jobs.flatMap((job) => [
    native(job, fastest, 1, 2),
    native(job, fastest, threads, 2),
    browser(job, threads),
  ]);
  return [
    ...ceilings(field, fastest),
    ...ours.slice(0, 3),
    stored(s1, threads),
    browser(s1, 1),
    pytorch(s1, 'eager', threads),
    pytorch(s1, 'compiled', threads),
    ortNode('f32', setup, field),
    ortWeb('f32', setup, field),
    ortNode('int8', setup, field),
    ortWeb('int8', setup, field),
    wllama(s1, field),
    ...slower
      .flatMap((kernel) => [native(s1, kernel, 1, 1), native(s1, kernel, threads, 1)])
      .map((contender) => ({ ...contender, once: true })),
    ...ours.slice(3),
    ...others.filter(({ id }) => id === 's4').map((job) => wllama(job, field)),
  ];
}
