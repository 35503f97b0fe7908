/** The tables of latest.md. */
import type { Ratios } from './figures.ts';
import type { Goal } from './goals.ts';
import type { Growth } from './growth.ts';
import type { Context } from './machine.ts';
import type { Samples } from './samples.ts';
import { number, shown, table } from './tables.ts';

export interface Report {
  readonly context: Context;
  readonly jobs: readonly { id: string; name: string }[];
  readonly ratios: Ratios;
  readonly goals: readonly Goal[];
  readonly growth: Growth;
  readonly samples: Samples;
  readonly missing: Readonly<Record<string, string>>;
}

/** "s1/native avx2 x2/warm" is job, who and what. */
function whos(samples: Samples, job: string): string[] {
  const names = Object.keys(samples.toJSON()).filter((name) => name.startsWith(`${job}/`));
  return [...new Set(names.map((name) => name.split('/')[1] ?? ''))];
}

function jobTable({ id, name }: { id: string; name: string }, samples: Samples): string {
  const columns = ['load', 'cold', 'warm', 'wall', 'forward', 'lens'];
  const rows = whos(samples, id)
    .filter((who) => who !== 'ours')
    .map((who) => [
      who,
      ...columns.map((what) => shown(samples.spread(`${id}/${who}/${what}`))),
      shown(samples.spread(`${id}/${who}/rss`), 1e-6),
    ]);
  const heading = [
    '',
    'load, s',
    'first analysis, s',
    'warm, s',
    'to the result on screen, s',
    'forward pass, s',
    'lens, s',
    'memory, MB',
  ];
  return `### ${id.toUpperCase()}: ${name}\n\n${table(heading, rows)}`;
}

function goalTable(goals: readonly Goal[]): string {
  const verdict = (met: boolean | null): string =>
    met === null ? 'not measured' : met ? 'met' : '**missed**';
  const rows = goals.map(({ what, wanted, measured, met }) => [
    what,
    wanted,
    measured === null ? '–' : number(measured),
    verdict(met),
  ]);
  return table(['goal', 'wanted', 'median', ''], rows);
}

function growthTable({ curves }: Growth): string {
  const list = (values: readonly number[], scale = 1): string =>
    values.map((value) => number(value * scale)).join(', ');
  const rows = curves.map(({ what, where, xs, seconds, bytes, exponent }) => [
    `${what}, ${where}`,
    list(xs),
    list(seconds),
    bytes.length === 0 ? '–' : list(bytes, 1e-6),
    shown(exponent),
  ]);
  return table(['in', 'at', 'seconds', 'peak allocated, MB', 'exponent'], rows);
}

function errorTable(samples: Samples): string {
  const rows = ['ours', ...whos(samples, 's1').filter((who) => who.startsWith('onnxruntime'))].map((who) => [
    who,
    shown(samples.spread(`s1/${who}/entropy error`)),
  ]);
  return table(['', 'mean entropy error, nats'], rows);
}

function rest(samples: Samples, prefix: string): string {
  const names = Object.keys(samples.toJSON()).filter((name) => name.startsWith(prefix));
  return table(
    ['', ''],
    names.map((name) => [name.slice(prefix.length), shown(samples.spread(name))]),
  );
}

export function markdown(report: Report): string {
  const { context, jobs, ratios, goals, growth, samples, missing } = report;
  const absent = Object.entries(missing).map(([who, why]) => `- ${who}: ${why}`);
  return (
    [
      Object.entries(context)
        .map(([name, value]) => `- ${name}: ${value}`)
        .join('\n'),
      'Medians, with minimum and maximum of the rounds in brackets.',
      `### Goals\n\n${goalTable(goals)}`,
      `### Ratios\n\n${table(
        ['ratio', 'value'],
        Object.entries(ratios).map(([name, value]) => [name, shown(value)]),
      )}`,
      ...jobs.map((job) => jobTable(job, samples)),
      `### Entropy of S1 against float64\n\n${errorTable(samples)}`,
      `### The bare kernel, 10^9 multiply-adds a second\n\n${rest(samples, 'ceiling/')}`,
      `### Growth\n\n${growthTable(growth)}`,
      `### The page before a model (seconds, bytes)\n\n${rest(samples, 'page/')}`,
      ...(absent.length === 0 ? [] : [`### Left out\n\n${absent.join('\n')}`]),
    ].join('\n\n') + '\n'
  );
}
