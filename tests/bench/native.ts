/** One timed process of the native core: load, then analyses. See timed_analysis.c. */
import { execFile, execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { adopt } from './peer.ts';

const PROGRAM = resolve('build/native/tests/bench/timed_analysis');
const CEILING = resolve('build/native/tests/bench/kernels');

export interface NativeRun {
  readonly kernel: string;
  readonly threads: number;
  /** Seconds. */
  readonly load: number;
  readonly analyses: readonly { seconds: number; forward: number; lens: number; measure: number }[];
  readonly positions: number;
  readonly layers: number;
  readonly width: number;
  readonly vocab: number;
  /** Bytes: of the file, of the weights in memory, the core's peak, that after loading, the process's peak. */
  readonly file: number;
  readonly resident: number;
  readonly bytes: number;
  readonly analysis_bytes: number;
  readonly rss: number;
  readonly digest: string;
}

/** Fastest first. */
export function nativeKernels(): string[] {
  return execFileSync(PROGRAM, { encoding: 'utf8' }).trim().split('\n');
}

export async function runNative(
  model: string,
  text: string,
  options: { kernel?: string; threads: number; analyses: number },
): Promise<NativeRun> {
  const args = [options.kernel ?? '-', String(options.threads), model, text, String(options.analyses)];
  const running = promisify(execFile)(PROGRAM, args);
  adopt(running.child);
  return JSON.parse((await running).stdout) as NativeRun;
}

/** What kernels.c prints of a table: `q8` is the product that nearly all the arithmetic goes through. */
export interface Rate {
  readonly kernel: string;
  readonly q8: number;
}

/** A bare kernel in so many processes at once: 10^9 multiply-adds a second of all together. */
export async function nativeCeiling(kernel: string, threads: number): Promise<number> {
  const running = Array.from({ length: threads }, () => promisify(execFile)(CEILING, [kernel]));
  for (const { child } of running) adopt(child);
  const rates = (await Promise.all(running)).map(
    ({ stdout }) => (JSON.parse(stdout) as Rate[])[0]?.q8 ?? NaN,
  );
  return rates.reduce((sum, rate) => sum + rate, 0);
}
