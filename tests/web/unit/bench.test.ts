import { describe, expect, it } from 'vitest';
import { goalsOf, type Goal } from '../../bench/goals.ts';
import { Samples } from '../../bench/samples.ts';
import { fitExponent, fitLine, meanError, median, ratios, spread } from '../../bench/statistics.ts';
import { number, shown, sparkline, table } from '../../bench/tables.ts';

describe('statistics of the bench', () => {
  it('takes the middle, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([10, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
    expect(spread([5, 1, 4])).toEqual({ min: 1, median: 4, max: 5 });
  });

  it('divides round by round, not median by median', () => {
    expect(ratios([2, 30, 4], [1, 10, 1])).toEqual([2, 3, 4]);
    expect(() => ratios([1, 2], [1])).toThrow('2 values cannot be divided by 1');
  });

  it('fits lines and powers exactly where they are exact', () => {
    const { slope, intercept } = fitLine([1, 2, 3, 4], [5, 7, 9, 11]);
    expect([slope, intercept]).toEqual([2, 3]);
    const xs = [16, 32, 64, 512];
    expect(
      fitExponent(
        xs,
        xs.map((x) => 0.3 * x ** 1.5),
      ),
    ).toBeCloseTo(1.5, 12);
  });

  it('fits the line of least squares where none is exact', () => {
    const { slope, intercept } = fitLine([0, 1, 2], [0, 3, 3]);
    expect(slope).toBeCloseTo(1.5, 12);
    expect(intercept).toBeCloseTo(0.5, 12);
  });

  it('averages distances', () => {
    expect(meanError([1, 2, 3], [2, 0, 3])).toBe(1);
    expect(() => meanError([1], [])).toThrow('1 values cannot be compared with 0');
  });

  it('says nothing of what was not measured in every round', () => {
    const samples = new Samples();
    for (const value of [2, 6]) samples.add('theirs', value);
    for (const value of [1, 2]) samples.add('ours', value);
    samples.add('once', 1);
    expect(samples.ratio('theirs', 'ours')).toEqual({ min: 2, median: 2.5, max: 3 });
    expect(samples.ratio('once', 'ours')).toBeNull();
    expect(samples.ratio('never', 'never')).toBeNull();
    expect(samples.toJSON().ours).toEqual({ min: 1, median: 1.5, max: 2, values: [1, 2] });
  });
});

describe('goals of the bench', () => {
  const judged = (what: string, goals: readonly Goal[]): Goal | undefined =>
    goals.find((goal) => goal.what.startsWith(what));

  it('are met, missed or not measured', () => {
    const samples = new Samples();
    samples.add('page/first paint', 1.25);
    samples.add('page/bytes before a model', 132_000);
    samples.add('s1/ours/spare', 64_000_000);
    const speedup = { min: 1, median: 1.8, max: 2 };
    const goals = goalsOf({ thread2_speedup: speedup, cold_over_warm: null }, samples, 's1/ours', 's1/none');
    expect(judged('first paint', goals)).toMatchObject({ measured: 1.25, met: false });
    expect(judged('fetched before', goals)).toMatchObject({ measured: 132, met: true });
    expect(judged('memory over', goals)).toMatchObject({ measured: 64, met: true });
    expect(judged('the same in Chromium', goals)).toMatchObject({ measured: null, met: null });
    expect(judged('two threads', goals)).toMatchObject({ wanted: 'at least 1.8', met: true });
    expect(judged('first analysis', goals)).toMatchObject({ measured: null, met: null });
  });
});

describe('tables of the bench', () => {
  it('shows three digits, and the ends where they differ', () => {
    expect([0.012345, 12.345, 123456].map(number)).toEqual(['0.0123', '12.3', '123456']);
    expect(shown({ min: 1, median: 2, max: 3 })).toBe('2 (1 to 3)');
    expect(shown({ min: 2e6, median: 2e6, max: 2e6 }, 1e-6)).toBe('2');
    expect(shown(null)).toBe('–');
  });

  it('draws', () => {
    expect(table(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |');
    expect(sparkline([0, 7, 3.5, 7])).toBe('▁█▅█');
    expect(sparkline([4, 4])).toBe('▁▁');
  });
});
