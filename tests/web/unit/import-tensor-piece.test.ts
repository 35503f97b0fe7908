/** Tensors of several units: rows come out in their order wherever a unit ends. */
import { describe, expect, it } from 'vitest';
import { memorySource } from '@web/import/bytes.ts';
import { runPieces } from '@web/import/pieces.ts';
import { matrix, type Layout } from '@web/import/plan.ts';
import { tensorPieces } from '@web/import/tensor-piece.ts';
import { memoryTarget } from './import-helpers.ts';

const ROWS = 24;
/** Wide enough for eight rows in a unit. */
const COLUMNS = 32_768;

/** The first value of each row as written; every value of source row r is r. */
async function rowsWritten(layout: Layout, rows = ROWS): Promise<number[]> {
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
  const plan = { ...matrix('t', 'w', rows, COLUMNS), layout };
  const pieces = tensorPieces([{ plan, entry, type: 'f32', offset: 0 }], () => 0);
  expect(pieces[0]?.unit).toBe(8 * COLUMNS * 4);
  const out = new Float32Array(rows * COLUMNS).fill(-1);
  await runPieces([source], pieces, memoryTarget(new Uint8Array(out.buffer)), {});
  for (let row = 0; row < rows; row++) {
    const own = out.subarray(row * COLUMNS, (row + 1) * COLUMNS);
    expect(own.every((value) => value === own[0])).toBe(true);
  }
  return Array.from({ length: rows }, (_, row) => out[row * COLUMNS] ?? -1);
}

describe('a tensor of three units', () => {
  it('whose heads are interleaved', async () => {
    const heads = [0, 4, 8, 12, 16, 20].flatMap((head) => [0, 2, 1, 3].map((row) => head + row));
    expect(await rowsWritten({ kind: 'halves', headWidth: 4 })).toEqual(heads);
  });

  it('whose runs begin and end in the middle of units', async () => {
    const runs = [
      { first: 10, count: 9 },
      { first: 0, count: 10 },
      { first: 19, count: 5 },
    ];
    const rows = runs.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));
    expect(await rowsWritten({ kind: 'rows', runs })).toEqual(rows);
  });

  it('whose first rows are left out', async () => {
    const rows = Array.from({ length: 21 }, (_, i) => i + 3);
    expect(await rowsWritten({ kind: 'rows', runs: [{ first: 3, count: 21 }] }, 21)).toEqual(rows);
  });
});
