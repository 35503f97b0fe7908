/** A model against known-answer grids: one outcome and one refusal everywhere, and the exit code that goes with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CoreError, type Core, type Verification } from '@core';
import { fileSource, filesIn, loadCore, openModel, ROOT, run } from './builds.ts';

const FIXTURES = 'tests/golden/fixtures';
const cores = [await loadCore('simd'), await loadCore('scalar')];

/** The outcome, or the sentence that says why there is none. */
function inWasm(core: Core, model: string, grid: string): Verification | string {
  const opened = openModel(core, fileSource(model));
  try {
    const verify = opened.openVerify(readFileSync(join(ROOT, grid), 'utf8'));
    try {
      while (verify.step().phase !== 'done');
      return verify.outcome();
    } finally {
      verify.close();
    }
  } catch (error) {
    if (error instanceof CoreError) return error.message;
    throw error;
  } finally {
    opened.close();
  }
}

describe('an outcome', () => {
  it.each([
    ['gpt2-f32', 'gpt2-f32.normed', true],
    ['gpt2-f32', 'gpt2-f32.raw', true],
    ['gptneox-q8_0', 'gptneox-q8_0.normed', true],
    ['gpt2-q8_0', 'gpt2-f32.normed', true],
    ['llama-f16', 'llama-f16.normed', true],
    ['mistral-f16', 'llama-f16.normed', false],
    ['gptneox-f32', 'gpt2-f32.normed', false],
  ])('%s on %s', async (name, answers, pass) => {
    const model = `${FIXTURES}/${name}.gguf`, grid = `${FIXTURES}/${answers}.json`; // prettier-ignore
    const ran = await run('verify', model, '--grid', grid, '--json', '-');
    const outcome = JSON.parse(ran.stdout) as Verification;
    expect(outcome.pass).toBe(pass);
    expect(ran.code).toBe(pass ? 0 : 1);
    for (const core of cores) expect(inWasm(core, model, grid)).toEqual(outcome);
    const table = await run('verify', model, '--grid', grid);
    expect(table.stdout).toContain(pass ? 'PASS' : 'FAIL');
    expect(table.code).toBe(ran.code);
  });
});

/* Bytes that are no UTF-8 cannot reach the core through a JavaScript string. */
const cases = (await filesIn('tests/fuzz/corpus/grid', '')).filter((path) => !path.endsWith('/bad-utf8'));

describe('a grid that cannot be trusted', () => {
  it('meets all of them', () => {
    expect(cases.length).toBeGreaterThan(70);
  });
  it.each(cases)('%s', async (grid) => {
    const model = `${FIXTURES}/gpt2-f32.gguf`;
    const ran = await run('verify', model, '--grid', grid, '--json', '-');
    expect(ran.code).toBe(1);
    for (const core of cores) {
      const here = inWasm(core, model, grid);
      if (typeof here === 'string') expect(ran.stderr).toBe(`logitscope: ${here}\n`);
      else expect(here).toEqual(JSON.parse(ran.stdout));
    }
  });
});

const shipped = await filesIn('models/known-answers', '.json');

describe('the shipped known answers', () => {
  it.each(shipped)('%s is a grid', async (grid) => {
    const ran = await run('verify', 'models/bible-gpt.gguf', '--grid', grid);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/the grid is of another model/);
  });
});
