import { describe, expect, it } from 'vitest';
import {
  blocksOf,
  cellWidth,
  commitPath,
  HEAD_COLUMN,
  viewAt,
  walk,
  type Block,
  type View,
} from '@web/state/grid.ts';
import { resultWith } from './support/result.ts';

describe('columns', () => {
  it('grow to fill the room, within limits', () => {
    expect(cellWidth(HEAD_COLUMN + 700, 10)).toBe(70);
    expect(cellWidth(HEAD_COLUMN + 700, 512)).toBe(60);
    expect(cellWidth(HEAD_COLUMN + 700, 2)).toBe(104);
    expect(cellWidth(0, 0)).toBe(60);
  });

  const start: View = { first: 0, end: 0, origin: 0 };
  const drawn = (blocks: readonly Block[], inView = false): number[] =>
    blocks.flatMap((block) => (inView && !block.inView ? [] : [block.first, block.end]));

  it('are drawn only where they are in view, in whole blocks, with one more on each side', () => {
    const view = viewAt(5600, 700, 56, start);
    const blocks = blocksOf(view, 700, 56, 512);
    expect(drawn(blocks, true)).toEqual([100, 104, 104, 108, 108, 112, 112, 116]);
    expect(drawn(blocks)).toEqual([96, 100, 100, 104, 104, 108, 108, 112, 112, 116, 116, 120]);
    expect(drawn(blocksOf(viewAt(0, 700, 56, start), 700, 56, 5))).toEqual([0, 4, 4, 5]);
  });

  it('keep their view for as long as no block comes or goes', () => {
    const view = viewAt(2400, 700, 60, start);
    expect(viewAt(2410, 700, 60, view)).toBe(view);
    expect(viewAt(2480, 700, 60, view)).not.toBe(view);
  });

  const slots = (view: View): Map<number, number> =>
    new Map(blocksOf(view, 700, 60, 512).map(({ first, slot }) => [first, slot]));

  it.each([240, 300, -240, -4000])('keep the slots of blocks that stay on a scroll by %i', (by) => {
    const before = viewAt(7200, 700, 60, start);
    const after = slots(viewAt(7200 + by, 700, 60, before));
    expect(new Set(after.values()).size).toBe(after.size);
    for (const [first, slot] of slots(before)) expect(after.get(first) ?? slot).toBe(slot);
  });

  it('take over the slots in their order after a jump', () => {
    const before = viewAt(7200, 700, 60, start);
    const after = viewAt(24_000, 700, 60, before);
    expect([...slots(after).values()]).toEqual([...slots(before).values()]);
  });
});

describe('the commit line', () => {
  it('runs along the lower edge of each commit layer', () => {
    expect(commitPath([2, 0], 2, 10, 4)).toBe('M0 4H10V12H20');
  });
});

describe('the keyboard', () => {
  const result = resultWith({ layers: 6, tokens: ['a', 'b', 'c'] });
  const at = { layer: 3, position: 1 };

  it.each([
    ['ArrowUp', false, { layer: 4, position: 1 }],
    ['ArrowDown', false, { layer: 2, position: 1 }],
    ['ArrowLeft', false, { layer: 3, position: 0 }],
    ['ArrowRight', false, { layer: 3, position: 2 }],
    ['Home', false, { layer: 3, position: 0 }],
    ['End', false, { layer: 3, position: 2 }],
    ['Home', true, { layer: 6, position: 0 }],
    ['End', true, { layer: 0, position: 2 }],
    ['PageUp', false, { layer: 6, position: 1 }],
    ['PageDown', false, { layer: 0, position: 1 }],
  ])('walks with %s (control: %s)', (key, control, to) => {
    expect(walk(at, key, control, result)).toEqual(to);
  });

  it('stays inside, and leaves other keys alone', () => {
    expect(walk({ layer: 6, position: 2 }, 'ArrowUp', false, result)).toEqual({ layer: 6, position: 2 });
    expect(walk(at, 'a', false, result)).toBeNull();
    expect(walk(at, 'constructor', false, result)).toBeNull();
  });
});
