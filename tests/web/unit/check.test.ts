import { describe, expect, it } from 'vitest';
import { initialState } from '@web/state/app.ts';
import { knownAs, verdictLine, withCheck, worstLine } from '@web/state/check.ts';
import type { Verification } from '@core';

const OUTCOME: Verification = {
  schema: 'logitscope.verification/1',
  pass: true,
  grade: 'eight-bit',
  grid_model: 'gpt2',
  grid_weights: 'float32',
  lens: 'normed',
  prompts: 2,
  same_ids: 2,
  first_id: null,
  cells: 143,
  top1: 0.979,
  top1_bound: 0.95,
  mean: 0.00123,
  mean_bound: 0.02,
  largest: 0.0456,
  largest_bound: 0.3,
  worst: {
    prompt: 0,
    text: 'Thank you very',
    layer: 5,
    position: 2,
    token: 881,
    token_text: ' much',
    expected: 0.5,
    measured: 0.4544,
  },
};
const NAMES = ['gpt2', 'pythia-70m', 'smollm2-135m'];

describe('a check against published values', () => {
  it('is offered under a name in the catalogue, on the Hub or in the file', () => {
    expect(knownAs({ link: 'gpt2', name: 'whatever' }, NAMES)).toBe('gpt2');
    expect(knownAs({ link: 'HuggingFaceTB/SmolLM2-135M@abc~f16', name: 'x' }, NAMES)).toBe('smollm2-135m');
    expect(knownAs({ link: null, name: 'Pythia-70M' }, NAMES)).toBe('pythia-70m');
    expect(knownAs({ link: 'a/gpt2-large', name: 'GPT-2 Large' }, NAMES)).toBeNull();
  });

  it('says pass or fail with the numbers and their bounds', () => {
    expect(verdictLine(OUTCOME)).toBe(
      'Agrees with published values of gpt2: same first choice at 97.9% of 143 points (at least 95.0%), ' +
        'mean difference 0.00123 (at most 0.0200).',
    );
    expect(verdictLine({ ...OUTCOME, pass: false })).toMatch(/^Does not agree/);
    const other = { ...OUTCOME, pass: false, same_ids: 0, cells: 0, top1: null, mean: null };
    expect(verdictLine(other)).toContain('0 of 2 texts have the same tokens');
  });

  it('names the worst cell', () => {
    expect(worstLine(OUTCOME)).toMatch(
      /layer 5, position 2 of “Thank you very”, token ·much: published 0\.500/,
    );
    expect(worstLine({ ...OUTCOME, worst: null })).toBeNull();
  });

  it('is kept by model', () => {
    const state = withCheck(initialState(), 'a', OUTCOME);
    expect(state.checks.get('a')).toBe(OUTCOME);
    expect(withCheck(state, 'a', null).checks.size).toBe(0);
  });
});
