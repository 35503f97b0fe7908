/** Tensors of several units: rows come out in their order wherever a unit ends, and are written in order. */
import { describe, expect, it } from 'vitest';
import { memorySource } from '@web/import/bytes.ts';
import { runPieces } from '@web/import/pieces.ts';
import { matrix, type Layout } from '@web/import/plan.ts';
import { tensorPieces } from '@web/import/tensor-piece.ts';
import { MemoryTarget } from './import-helpers.ts';

const ROWS = 24;
/** Wide enough for eight rows in a unit. */
const COLUMNS = 32_768;

interface Written {
  /** Rows of each tensor. */
  readonly rows?: number;
  /** Rows of a unit. */
  readonly unit?: number;
}

/**
 * The first value of each row as written; every value of source row r is r. Several layouts are those of as many tensors
 * on the same bytes.
 */
async function rowsWritten(layouts: readonly Layout[], { rows = ROWS, unit = 8 }: Written = {}) {
  const values = Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => Math.floor(i / COLUMNS));
  const source = memorySource('w', new Uint8Array(values.buffer));
  const entry = {
    name: 'w',
    dtype: 'F32',
    shape: [ROWS, COLUMNS],
    offset: 0,
    bytes: values.byteLength,
    source,
  };
  const placed = layouts.map((layout, index) => ({
    plan: { ...matrix('t', 'w', rows, COLUMNS), layout },
    entry,
    type: 'f32' as const,
    offset: index * rows * COLUMNS * 4,
  }));
  const pieces = tensorPieces(placed, () => 0);
  expect(pieces.map((piece) => piece.unit)).toEqual([unit * COLUMNS * 4]);
  const count = layouts.length * rows;
  const out = new Float32Array(count * COLUMNS).fill(-1);
  await runPieces([source], pieces, new MemoryTarget(new Uint8Array(out.buffer)), {});
  for (let row = 0; row < count; row++) {
    const own = out.subarray(row * COLUMNS, (row + 1) * COLUMNS);
    expect(own.every((value) => value === own[0])).toBe(true);
  }
  return Array.from({ length: count }, (_, row) => out[row * COLUMNS] ?? -1);
}

const upTo = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);

describe('a tensor of three units', () => {
  it('whose heads are interleaved', async () => {
    const heads = [0, 4, 8, 12, 16, 20].flatMap((head) => [0, 2, 1, 3].map((row) => head + row));
    expect(await rowsWritten([{ kind: 'halves', headWidth: 4 }])).toEqual(heads);
  });

  it('whose runs begin and end in the middle of units', async () => {
    const runs = [
      { first: 2, count: 9 },
      { first: 13, count: 10 },
    ];
    const rows = [...upTo(9, 2), ...upTo(10, 13)];
    expect(await rowsWritten([{ kind: 'rows', runs }], { rows: 19 })).toEqual(rows);
  });

  it('whose first rows are left out', async () => {
    const runs = [{ first: 3, count: 21 }];
    expect(await rowsWritten([{ kind: 'rows', runs }], { rows: 21 })).toEqual(upTo(21, 3));
  });
});

describe('a tensor that is held whole', () => {
  it('as its runs are in another order', async () => {
    const runs = [
      { first: 10, count: 9 },
      { first: 0, count: 10 },
      { first: 19, count: 5 },
    ];
    const rows = [...upTo(9, 10), ...upTo(10), ...upTo(5, 19)];
    expect(await rowsWritten([{ kind: 'rows', runs }], { unit: ROWS })).toEqual(rows);
  });

  it('as a row comes twice', async () => {
    const runs = [
      { first: 0, count: 20 },
      { first: 19, count: 4 },
    ];
    expect(await rowsWritten([{ kind: 'rows', runs }], { unit: ROWS })).toEqual([
      ...upTo(20),
      ...upTo(4, 19),
    ]);
  });

  it('as another one is on the same bytes', async () => {
    const layout: Layout = { kind: 'rows', runs: [{ first: 0, count: ROWS }] };
    expect(await rowsWritten([layout, layout], { unit: ROWS })).toEqual([...upTo(ROWS), ...upTo(ROWS)]);
  });
});
