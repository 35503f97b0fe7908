/** The promise of the project: the same file, text and settings give the same bits, whatever computes them. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Settings } from '@core';
import { DEFAULTS } from '../../web/src/state/settings.ts';
import { analyse, COMMAND_32, filesIn, loadCore, run, runProgram } from './builds.ts';

interface Result {
  engine?: unknown;
  digest: string;
}

const models = [...(await filesIn('models', '.gguf')), ...(await filesIn('tests/golden/fixtures', '.gguf'))];
const TEXTS = ['In the beginning', 'a', 'Lo;\n he:  «é» 🜁'];

const cores = [
  await loadCore('scalar'),
  await loadCore('simd', { kernel: 'scalar' }),
  await loadCore('simd'),
  await loadCore('threads'),
  await loadCore('threads', { threads: 2 }),
  await loadCore('threads', { kernel: 'scalar', threads: 3 }),
];

it('runs every build, with one thread and more', () => {
  expect(cores.map(({ kernel, threads }) => `${kernel} ${threads}`)).toEqual([
    'scalar 1', 'scalar 1', 'simd128 1', 'simd128 1', 'simd128 2', 'scalar 3',
  ]); // prettier-ignore
});

/** Everything but `engine`, which says who computed it. */
function withoutEngine(json: string): Result {
  const result = JSON.parse(json) as Result;
  delete result.engine;
  return result;
}

async function native(model: string, text: string, settings: Settings, ...options: string[]): Promise<Result> {
  const { lens, sinks, window } = settings;
  const chosen = ['--lens', lens, '--sinks', String(sinks), '--window', String(window), ...options];
  const ran = await run('analyze', model, '--text', text, '--json', '-', ...chosen);
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
  return withoutEngine(JSON.stringify((JSON.parse(ran.stdout) as unknown[])[0]));
}

describe.each(models)('%s', (model) => {
  it.each(['normed', 'raw'] as const)('gives one result through the %s lens everywhere', async (lens) => {
    const settings = { ...DEFAULTS, lens };
    for (const text of TEXTS) {
      const reference = await native(model, text, settings, '--kernel', 'scalar', '--threads', '1');
      expect(reference.digest).toMatch(/^[0-9a-f]{64}$/);
      for (const threads of ['1', '3']) {
        expect(await native(model, text, settings, '--threads', threads)).toEqual(reference);
      }
      for (const core of cores) expect(withoutEngine(analyse(core, model, text, settings))).toEqual(reference);
    }
  });
});

it('gives one result with sinks and a window, on a text longer than the context, everywhere', async () => {
  const settings = { ...DEFAULTS, sinks: 2, window: 9 };
  const model = 'tests/golden/fixtures/llama-f16.gguf';
  const text = 'the river ran to the sea and '.repeat(9);
  const reference = await native(model, text, settings, '--kernel', 'scalar');
  for (const core of [await loadCore('simd'), await loadCore('scalar')])
    expect(withoutEngine(analyse(core, model, text, settings))).toEqual(reference);
});

it.skipIf(!existsSync(COMMAND_32)).each(models)('%s gives the same result where size_t has 32 bits', async (model) => {
  const ran = await runProgram(COMMAND_32, 'analyze', model, '--text', TEXTS[0] ?? '', '--json', '-');
  const [result] = JSON.parse(ran.stdout) as Result[];
  expect(withoutEngine(JSON.stringify(result))).toEqual(await native(model, TEXTS[0] ?? '', DEFAULTS));
});

it('compares every native kernel of this processor', async () => {
  const model = models[0] ?? '';
  const refused = await run('analyze', model, '--text', 'a', '--kernel', 'none');
  expect(refused.code).toBe(2);
  const kernels = /it runs: (.*)/.exec(refused.stderr)?.[1]?.split(', ') ?? [];
  expect(kernels).toContain('scalar');
  const results = await Promise.all(kernels.map((kernel) => native(model, 'In the beginning', DEFAULTS, '--kernel', kernel)));
  for (const result of results) expect(result).toEqual(results[0]);
});

it('tells different settings and texts apart', async () => {
  const model = models[0] ?? '';
  const base = await native(model, 'In the beginning', DEFAULTS);
  const others = [
    await native(model, 'In the beginning ', DEFAULTS),
    await native(model, 'In the beginning', { ...DEFAULTS, lens: 'raw' }),
    await native(model, 'In the beginning', DEFAULTS, '--operator', 'entropic'),
    await native(model, 'In the beginning', DEFAULTS, '--from-layer', '2'),
    await native(model, 'In the beginning', DEFAULTS, '--branch-ratio', '0.6'),
    await native('models/bible-neox.gguf', 'In the beginning', { ...DEFAULTS, window: 2 }),
    await native('models/bible-neox.gguf', 'In the beginning', { ...DEFAULTS, window: 2, sinks: 1 }),
  ];
  expect(new Set([base, ...others].map((result) => result.digest)).size).toBe(others.length + 1);
});
