/**
 * The one pass: every part is read once from its first byte to its last, and cut into the pieces that something is made
 * of and the stretches between them that nobody needs. One piece's unit is in memory at a time.
 */
import type { ByteSource, ByteTarget } from './bytes.ts';
import { ImportError } from './errors.ts';
import { pad } from './gguf-writer.ts';
import type { Checkpoint, RunHooks } from './import-plan.ts';

/** Bytes that `take` is given at a time, where a piece can be cut anywhere. */
export const UNIT_BYTES = 1 << 20;

/** By tensor: weights that are NaN or infinite, and those too large for their type. */
export type Unusual = Map<string, readonly [notFinite: number, tooLarge: number]>;

/** Where pieces put what they make. */
export interface Output {
  readonly target: ByteTarget;
  readonly unusual: Unusual;
}

/** A range of a part. It keeps no state between units, so that a run can begin at any of them. */
export interface Piece {
  readonly part: number;
  readonly offset: number;
  readonly bytes: number;
  /** `take` is given this many bytes at a time, and what is left at the end. */
  readonly unit: number;
  /** `from` counts from the start of the piece. `bytes` starts a buffer, which is used again afterwards. */
  take(from: number, bytes: Uint8Array<ArrayBuffer>, output: Output): void | Promise<void>;
}

/** A piece that is stored as it is, at `to`, with zeros up to the alignment behind it. */
export function copied(part: number, offset: number, bytes: number, to: number, alignment: number): Piece {
  return {
    part,
    offset,
    bytes,
    unit: UNIT_BYTES,
    async take(from, unit, { target }) {
      await target.write(to + from, unit);
      if (from + unit.length === bytes) await pad(target, to + bytes, alignment);
    },
  };
}

/** From one place to go on from to the next: a unit of a piece, or what lies between two pieces. */
interface Stretch {
  readonly begin: number;
  readonly end: number;
  readonly piece: Piece | null;
}

/**
 * Purpose: read all parts, from where `hooks.from` says. `pieces` do not overlap; they lie in order, and so does what they
 * write.
 */
export async function runPieces(
  parts: readonly ByteSource[],
  pieces: readonly Piece[],
  target: ByteTarget,
  hooks: RunHooks,
): Promise<Unusual> {
  const start: Checkpoint = hooks.from ?? { part: 0, offset: 0, unusual: {} };
  const unusual: Unusual = new Map(Object.entries(start.unusual));
  const buffer = new Uint8Array(pieces.reduce((most, { unit }) => Math.max(most, unit), 0));
  for (const [part, source] of parts.entries()) {
    const from = part === start.part ? start.offset : 0;
    if (part < start.part || from === source.size) continue;
    const own = pieces.filter((piece) => piece.part === part);
    await readPart({ part, source, from, buffer }, stretches(own, source, from), { target, unusual }, hooks);
  }
  return unusual;
}

/** What lies between `from` and the end of a part, in order. */
function* stretches(
  pieces: readonly Piece[],
  { name, size }: ByteSource,
  from: number,
): Generator<Stretch, void> {
  let begin = from;
  for (const piece of pieces) {
    const end = piece.offset + piece.bytes;
    if (end <= begin) continue;
    if (begin < piece.offset) yield { begin, end: piece.offset, piece: null };
    begin = Math.max(begin, piece.offset);
    if ((begin - piece.offset) % piece.unit !== 0) {
      const sentence = `an import cannot go on from byte ${begin}, in the middle of a tensor.`;
      throw new ImportError('bad-argument', { file: name, offset: begin }, sentence);
    }
    for (; begin < end; begin += piece.unit) {
      yield { begin, end: Math.min(begin + piece.unit, end), piece };
    }
    begin = end;
  }
  if (begin < size) yield { begin, end: size, piece: null };
}

interface Reading {
  readonly part: number;
  readonly source: ByteSource;
  readonly from: number;
  readonly buffer: Uint8Array<ArrayBuffer>;
}

async function readPart(reading: Reading, plan: Generator<Stretch, void>, output: Output, hooks: RunHooks) {
  const { part, source, from, buffer } = reading;
  let stretch = next(plan);
  let at = from;
  for await (const chunk of source.stream(from)) {
    hooks.signal?.throwIfAborted();
    for (let used = 0; used < chunk.length;) {
      if (stretch === null) return refuseLength(source, `goes on after its ${source.size} bytes`, at);
      const bytes = chunk.subarray(used, used + stretch.end - at);
      hooks.onRead?.(part, bytes);
      if (stretch.piece) buffer.set(bytes, at - stretch.begin);
      at += bytes.length;
      used += bytes.length;
      if (at < stretch.end) continue;
      await finish(stretch, buffer, output);
      const unusual = Object.fromEntries(output.unusual);
      await hooks.onCheckpoint?.({ part, offset: at, unusual });
      hooks.signal?.throwIfAborted();
      stretch = next(plan);
    }
  }
  if (at < source.size) refuseLength(source, `ended at byte ${at} of ${source.size}`, at);
}

function next(plan: Generator<Stretch, void>): Stretch | null {
  const step = plan.next();
  return step.done === true ? null : step.value;
}

function finish({ begin, end, piece }: Stretch, buffer: Uint8Array<ArrayBuffer>, output: Output) {
  return piece?.take(begin - piece.offset, buffer.subarray(0, end - begin), output);
}

function refuseLength({ name, size }: ByteSource, what: string, at: number): never {
  throw new ImportError(
    'read-failed',
    { file: name, offset: at, value: String(at), limit: String(size) },
    `what was read ${what}; did the file change meanwhile?`,
  );
}
