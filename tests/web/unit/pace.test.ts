import { describe, expect, it } from 'vitest';
import { nextPace, speedOf, startPace, timeToGo } from '@web/state/pace.ts';

const MB = 1e6;

/** What is heard of `speed` bytes per second, every 100 ms, for `seconds`. */
function steady(pace: ReturnType<typeof startPace>, speed: number, seconds: number) {
  let now = pace;
  for (let step = 1; step <= seconds * 10; step++)
    now = nextPace(now, pace.done + (speed * step) / 10, pace.at + step * 100);
  return now;
}

describe('the pace of a download', () => {
  it('says nothing in the first second', () => {
    const pace = steady(startPace(0, 0), MB, 0.9);
    expect(speedOf(pace)).toBeNull();
    expect(timeToGo(pace, 10 * MB)).toBeNull();
  });

  it('is the speed where that is steady, and does not count what was there before', () => {
    const pace = steady(startPace(200 * MB, 5000), 2 * MB, 3);
    expect(speedOf(pace)).toBeCloseTo(2 * MB, -1);
    expect(timeToGo(pace, 216 * MB)).toBeCloseTo(5000, -1);
  });

  it('follows a change within some seconds, and is not thrown off by one report', () => {
    const before = steady(startPace(0, 0), 10 * MB, 10);
    const dip = nextPace(before, before.done, before.at + 100);
    expect(speedOf(dip)).toBeGreaterThan(9.5 * MB);
    const slow = steady(dip, MB, 20);
    expect(speedOf(slow)).toBeLessThan(1.3 * MB);
  });

  it('is unharmed by two reports at one time, and by the end', () => {
    const pace = steady(startPace(0, 0), MB, 2);
    expect(nextPace(pace, pace.done + 5, pace.at)).toMatchObject({ speed: pace.speed, done: pace.done + 5 });
    expect(timeToGo(pace, pace.done)).toBeNull();
  });
});
