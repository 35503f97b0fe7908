/**
 * From a checkpoint's bytes to a GGUF tensor's bytes, a few rows at a time: read, widen to float32, put the rows in
 * order, encode. Only a tensor that has to be turned by 90 degrees is held whole.
 */
import { readExactly } from './bytes.ts';
import type { MatchedTensor } from './checkpoint.ts';
import type { TensorPlan } from './plan.ts';
import { encode, type StoredType } from './quantise.ts';
import type { TensorEntry } from './safetensors.ts';

/** About this many values are in flight at a time. */
const GROUP_VALUES = 1 << 20;

const DTYPE_BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 };

/** What happened to a tensor's values: weights that are NaN or infinite, and those too large for F16. */
export interface Tally {
  notFinite: number;
  tooLarge: number;
}

export interface StreamHooks {
  readonly signal?: AbortSignal | undefined;
  /** Called after each read, with the number of bytes read. */
  onRead(bytes: number): void;
}

/** Purpose: the tensor's data as `type`, in chunks. Counts unusual values into `tally`. */
export async function* tensorChunks(
  { plan, entry }: MatchedTensor,
  type: StoredType,
  tally: Tally,
  hooks: StreamHooks,
): AsyncGenerator<Uint8Array> {
  for await (const values of rowGroups(plan, entry, hooks)) {
    countUnusual(values, type, tally);
    yield encode(type, values);
  }
}

function rowGroups(
  { layout, rows, columns }: TensorPlan,
  entry: TensorEntry,
  hooks: StreamHooks,
): AsyncGenerator<Float32Array> {
  switch (layout.kind) {
    case 'transposed':
      return turnedRows(entry, rows, columns, hooks);
    case 'halves':
      return pairedRows(entry, rows, columns, layout.headWidth, hooks);
    case 'rows':
      return rowsInRuns(entry, layout.runs, columns, hooks);
  }
}

/** Each head's rows, 0, 1, 2, ..., as 0, half, 1, half + 1, ...; whole heads at a time. */
async function* pairedRows(
  entry: TensorEntry,
  rows: number,
  columns: number,
  headWidth: number,
  hooks: StreamHooks,
): AsyncGenerator<Float32Array> {
  const perGroup = Math.max(1, Math.floor(rowsPerGroup(columns) / headWidth)) * headWidth;
  const half = headWidth / 2;
  for (let from = 0; from < rows; from += perGroup) {
    const count = Math.min(perGroup, rows - from);
    const values = await readFloats(entry, from * columns, count * columns, hooks);
    const paired = new Float32Array(values.length);
    for (let row = 0; row < count; row++) {
      const place = row % headWidth;
      const source = row - place + (place >> 1) + (place % 2) * half;
      paired.set(values.subarray(source * columns, (source + 1) * columns), row * columns);
    }
    yield paired;
  }
}

/** Rows as they lie in the file, in the order of the runs. */
async function* rowsInRuns(
  entry: TensorEntry,
  runs: readonly { readonly first: number; readonly count: number }[],
  columns: number,
  hooks: StreamHooks,
): AsyncGenerator<Float32Array> {
  const perGroup = rowsPerGroup(columns);
  for (const run of runs) {
    for (let row = run.first; row < run.first + run.count; row += perGroup) {
      const rows = Math.min(perGroup, run.first + run.count - row);
      yield await readFloats(entry, row * columns, rows * columns, hooks);
    }
  }
}

/** The file holds [columns, rows]; yields rows. */
async function* turnedRows(
  entry: TensorEntry,
  rows: number,
  columns: number,
  hooks: StreamHooks,
): AsyncGenerator<Float32Array> {
  const whole = new Float32Array(rows * columns);
  const perRead = rowsPerGroup(rows);
  for (let from = 0; from < columns; from += perRead) {
    const count = Math.min(perRead, columns - from);
    whole.set(await readFloats(entry, from * rows, count * rows, hooks), from * rows);
  }
  const perGroup = rowsPerGroup(columns);
  for (let from = 0; from < rows; from += perGroup) {
    yield turn(whole, rows, columns, from, Math.min(perGroup, rows - from));
  }
}

/** Rows `from`..`from + count` of the transpose of `source`, which is [columns][rows]. */
function turn(
  source: Float32Array,
  rows: number,
  columns: number,
  from: number,
  count: number,
): Float32Array {
  const target = new Float32Array(count * columns);
  for (let column = 0; column < columns; column++) {
    let at = column * rows + from;
    for (let to = column; to < target.length; to += columns) target[to] = source[at++] ?? 0;
  }
  return target;
}

function rowsPerGroup(columns: number): number {
  return Math.max(1, Math.floor(GROUP_VALUES / columns));
}

async function readFloats(
  entry: TensorEntry,
  first: number,
  count: number,
  hooks: StreamHooks,
): Promise<Float32Array> {
  hooks.signal?.throwIfAborted();
  const width = DTYPE_BYTES[entry.dtype] ?? 0;
  const bytes = await readExactly(entry.source, entry.offset + first * width, count * width);
  hooks.onRead(bytes.length);
  return widen(entry.dtype, bytes);
}

/** Bytes of a dtype as float32. F32 takes the bytes over where they are aligned. */
export function widen(dtype: string, bytes: Uint8Array): Float32Array {
  const width = DTYPE_BYTES[dtype] ?? 0;
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  if (dtype === 'F32') return new Float32Array(buffer, byteOffset, byteLength / 4);
  const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
  if (dtype === 'BF16') {
    const bits = new Uint32Array(halves.length);
    for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] ?? 0) << 16;
    return new Float32Array(bits.buffer);
  }
  f16Table ??= makeF16Table();
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = f16Table[halves[i] ?? 0] ?? 0;
  return values;
}

/** All 65,536 half-precision numbers, made at first use. */
let f16Table: Float32Array | undefined;

function makeF16Table(): Float32Array {
  const table = new Float32Array(1 << 16);
  for (let half = 0; half < table.length; half++) {
    const exponent = (half >>> 10) & 0x1f;
    const significand = half & 0x3ff;
    const magnitude =
      exponent === 0x1f
        ? significand === 0
          ? Infinity
          : NaN
        : exponent === 0
          ? significand * 2 ** -24
          : (1024 + significand) * 2 ** (exponent - 25);
    table[half] = half & 0x8000 ? -magnitude : magnitude;
  }
  return table;
}

const F16_OVERFLOW = 65_520;

function countUnusual(values: Float32Array, type: StoredType, tally: Tally): void {
  const largest = type === 'f16' ? F16_OVERFLOW : type === 'q8_0' ? F16_OVERFLOW * 127 : Infinity;
  for (const value of values) {
    const magnitude = Math.abs(value);
    if (magnitude < largest) continue;
    if (magnitude < Infinity) tally.tooLarge++;
    else tally.notFinite++;
  }
}
