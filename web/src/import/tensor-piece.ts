/**
 * A checkpoint's tensor as a piece of its file: widen a few rows to float32, encode them, and write them behind what is
 * there already. Held whole is what could not be written in order otherwise: a tensor that has to be turned by 90
 * degrees, one whose rows come in another order, and tensors on the same bytes.
 */
import { ImportError, quote } from './errors.ts';
import { pad } from './gguf-writer.ts';
import type { MatchedTensor } from './match.ts';
import { UNIT_BYTES, type Output, type Piece } from './pieces.ts';
import type { RowRun, TensorPlan } from './plan.ts';
import { countUnusual, encode, storedBytes, type StoredType } from './quantise.ts';
import { DTYPE_BYTES, type TensorEntry } from './weights.ts';
import { widen } from './widen.ts';

/** A tensor and where it goes. */
export interface PlacedTensor extends MatchedTensor {
  readonly type: StoredType;
  /** In the GGUF. */
  readonly offset: number;
}

/**
 * Purpose: the pieces of tensors, which come in reading order. Those on the same bytes, as tied ones are in a PyTorch
 * file, are read once; refuses those that share only a part.
 */
export function tensorPieces(
  tensors: readonly PlacedTensor[],
  partOf: (entry: TensorEntry) => number,
): Piece[] {
  const groups: PlacedTensor[][] = [];
  for (const tensor of tensors) {
    const group = groups.at(-1);
    const before = group?.[0]?.entry;
    if (group && before && sameBytes(before, tensor.entry)) group.push(tensor);
    else if (before && overlap(before, tensor.entry)) refuseOverlap(before, tensor.entry);
    else groups.push([tensor]);
  }
  return groups.map((group) => tensorPiece(group, partOf));
}

const sameBytes = (a: TensorEntry, b: TensorEntry): boolean =>
  a.source === b.source && a.offset === b.offset && a.bytes === b.bytes;
const overlap = (a: TensorEntry, b: TensorEntry): boolean =>
  a.source === b.source && b.offset < a.offset + a.bytes;

function refuseOverlap(before: TensorEntry, { name, source, offset }: TensorEntry): never {
  const sentence = `tensor ${quote(name)} shares a part of its bytes with ${quote(before.name)}; only whole tensors can be shared.`;
  throw new ImportError('overlap', { file: source.name, where: name, offset }, sentence);
}

function tensorPiece(group: readonly PlacedTensor[], partOf: (entry: TensorEntry) => number): Piece {
  const [first] = group as [PlacedTensor];
  const { entry } = first;
  const width = DTYPE_BYTES.get(entry.dtype) ?? 1;
  return {
    part: partOf(entry),
    offset: entry.offset,
    bytes: entry.bytes,
    unit: group.length === 1 ? unitBytes(first) : entry.bytes,
    async take(from, bytes, output) {
      const values = widen(entry.dtype, bytes);
      for (const tensor of group) await put(tensor, values, from / width, output);
    },
  };
}

/** Whole rows, whole heads where they are interleaved, everything where what is read last may be written first. */
function unitBytes({ plan: { layout, columns }, entry }: PlacedTensor): number {
  if (layout.kind === 'transposed' || (layout.kind === 'rows' && !isAscending(layout.runs)))
    return entry.bytes;
  const rowBytes = columns * (DTYPE_BYTES.get(entry.dtype) ?? 1);
  const together = layout.kind === 'halves' ? layout.headWidth : 1;
  return Math.min(
    Math.max(1, Math.floor(UNIT_BYTES / (rowBytes * together))) * together * rowBytes,
    entry.bytes,
  );
}

function isAscending(runs: readonly RowRun[]): boolean {
  return runs.every(({ first }, index) => {
    const before = runs[index - 1];
    return before === undefined || before.first + before.count <= first;
  });
}

/** Writes source values from number `first` on. */
async function put(tensor: PlacedTensor, values: Float32Array<ArrayBuffer>, first: number, output: Output) {
  const { layout, rows, columns } = tensor.plan;
  const row = first / columns;
  switch (layout.kind) {
    case 'transposed': {
      const perGroup = Math.max(1, Math.floor(UNIT_BYTES / 4 / columns));
      for (let from = 0; from < rows; from += perGroup) {
        await store(tensor, from, turn(values, tensor.plan, from, Math.min(perGroup, rows - from)), output);
      }
      return;
    }
    case 'halves':
      return store(tensor, row, pairRows(values, columns, layout.headWidth), output);
    case 'rows': {
      let to = 0;
      for (const run of layout.runs) {
        const begin = Math.max(run.first, row);
        const end = Math.min(run.first + run.count, row + values.length / columns);
        const part = begin < end ? values.subarray((begin - row) * columns, (end - row) * columns) : null;
        if (part) await store(tensor, to + begin - run.first, part, output);
        to += run.count;
      }
    }
  }
}

/** Rows of the GGUF's tensor from number `row` on, and behind the last one what pads it. */
async function store(
  { plan: { name, rows, columns }, type, offset }: PlacedTensor,
  row: number,
  values: Float32Array<ArrayBuffer>,
  { target, unusual }: Output,
) {
  const [notFinite, tooLarge] = countUnusual(values, type);
  if (notFinite + tooLarge > 0) {
    const [before, beyond] = unusual.get(name) ?? [0, 0];
    unusual.set(name, [before + notFinite, beyond + tooLarge]);
  }
  const first = row * columns;
  await target.write(offset + storedBytes(type, first), encode(type, values));
  const end = first + values.length;
  if (end === rows * columns) await pad(target, offset + storedBytes(type, end));
}

/** Each head's rows, 0, 1, 2, ..., as 0, half, 1, half + 1, ... */
function pairRows(values: Float32Array, columns: number, headWidth: number): Float32Array<ArrayBuffer> {
  const paired = new Float32Array(values.length);
  for (let row = 0; row * columns < values.length; row++) {
    const place = row % headWidth;
    const source = row - place + (place >> 1) + (place % 2) * (headWidth / 2);
    paired.set(values.subarray(source * columns, (source + 1) * columns), row * columns);
  }
  return paired;
}

/** Rows `from`..`from + count` of the transpose of `source`, which is [columns][rows]. */
function turn(source: Float32Array, { rows, columns }: TensorPlan, from: number, count: number) {
  const target = new Float32Array(count * columns);
  for (let column = 0; column < columns; column++) {
    let at = column * rows + from;
    for (let to = column; to < target.length; to += columns) target[to] = source[at++] ?? 0;
  }
  return target;
}
