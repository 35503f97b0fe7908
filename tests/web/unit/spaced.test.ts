import { expect, test } from 'vitest';
import { spaced } from '../../../web/src/engine/spaced.ts';
import type { Step } from '../../../web/src/engine/protocol.ts';

function stepsPassed(
  steps: readonly (readonly [time: number, phase: Step['phase'], done: number])[],
): number[] {
  const passed: number[] = [];
  let time = 0;
  const report = spaced(
    ({ done }) => passed.push(done),
    () => time,
  );
  for (const [at, phase, done] of steps) {
    time = at;
    report({ phase, done, total: 10, fraction: done / 10 });
  }
  return passed;
}

test('of steps in quick succession one in a hundred milliseconds is passed on', () => {
  const steps = Array.from({ length: 10 }, (_, i) => [i * 30, 'forward', i] as const);
  expect(stepsPassed(steps)).toEqual([0, 4, 8]);
});

test('slow steps are all passed on', () => {
  expect(stepsPassed([[0, 'lens', 1], [100, 'lens', 2], [250, 'lens', 3]])).toEqual([1, 2, 3]); // prettier-ignore
});

test('the first step of a phase never waits', () => {
  expect(stepsPassed([[0, 'load', 1], [1, 'forward', 2], [2, 'forward', 3], [3, 'lens', 4]])).toEqual([1, 2, 4]); // prettier-ignore
});
