/** What a table of times must say of itself: the machine, the versions, the day, the command. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

export interface Run {
  readonly quick: boolean;
  readonly rounds: number;
  readonly tokens: number;
  readonly threads: number;
  readonly seconds: number;
}

function firstLine(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' }).split('\n')[0]?.trim() ?? '';
}

function compiler(command: string): string {
  return `${command} ${/\d+\.\d+\.\d+/.exec(firstLine(command, '--version'))?.[0] ?? 'unknown'}`;
}

/** As pinned in package.json and requirements.txt. */
function peers(): string {
  const { dependencies } = JSON.parse(readFileSync('tests/bench/package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const python = /^torch==.*$/m.exec(readFileSync('tests/bench/requirements.txt', 'utf8'))?.[0] ?? '';
  return [...Object.entries(dependencies).map((pair) => pair.join(' ')), python.replace('==', ' ')].join(
    ', ',
  );
}

export type Context = Readonly<Record<string, string>>;

export function context(run: Run, chromium: string, loadBefore: string): Context {
  return {
    command: `${run.quick ? 'BENCH_QUICK=1 ' : ''}make bench`,
    date: new Date().toISOString().slice(0, 10),
    commit: firstLine('git', 'describe', '--always', '--dirty'),
    machine: `${String(cpus().length)} x ${cpus()[0]?.model ?? 'unknown'}, ${(totalmem() / 1e9).toFixed(0)} GB, ${type()} ${release()}`,
    'load before': loadBefore,
    browser: `Chromium ${chromium}`,
    versions: `Node ${process.versions.node}, ${compiler('cc')}, ${compiler('emcc')}`,
    peers: peers(),
    run: `${run.rounds} interleaved round(s), ${run.tokens} tokens, ${run.threads} threads, ${(run.seconds / 60).toFixed(0)} minutes`,
  };
}

/** Processes that waited or ran in the last minute: well under 1 on a quiet machine. */
export function load(): string {
  return (loadavg()[0] ?? NaN).toFixed(1);
}
