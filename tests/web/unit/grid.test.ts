import { describe, expect, it } from 'vitest';
import { cellWidth, commitPath, HEAD_COLUMN, visibleColumns, walk } from '@web/state/grid.ts';
import { resultWith } from './support/result.ts';

describe('columns', () => {
  it('grow to fill the room, within limits', () => {
    expect(cellWidth(HEAD_COLUMN + 700, 10)).toBe(70);
    expect(cellWidth(HEAD_COLUMN + 700, 512)).toBe(60);
    expect(cellWidth(HEAD_COLUMN + 700, 2)).toBe(104);
    expect(cellWidth(0, 0)).toBe(60);
  });

  it('are drawn only where they are in view, in whole blocks', () => {
    const { first, end } = visibleColumns(5600, 700, 56, 512);
    expect(first).toBeLessThanOrEqual(100);
    expect(end).toBeGreaterThanOrEqual(113);
    expect(end - first).toBeLessThan(32);
    expect(visibleColumns(0, 700, 56, 5)).toEqual({ first: 0, end: 5 });
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
