/** A checkpoint's tensors, whatever container they are in. */
import type { ByteSource } from './bytes.ts';
import type { Piece } from './pieces.ts';

/** Bytes of one value. Types that are not read as weights still occur as buffers and must be measured. */
export const DTYPE_BYTES: ReadonlyMap<string, number> = new Map([
  ...['F64', 'I64', 'U64'].map((dtype) => [dtype, 8] as const),
  ...['F32', 'I32', 'U32'].map((dtype) => [dtype, 4] as const),
  ...['F16', 'BF16', 'I16', 'U16'].map((dtype) => [dtype, 2] as const),
  ...['I8', 'U8', 'BOOL', 'F8_E4M3', 'F8_E5M2'].map((dtype) => [dtype, 1] as const),
]);

/** Where a tensor's bytes lie, whatever file they are in. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Absolute offset in `source`, and length. */
  readonly offset: number;
  readonly bytes: number;
  readonly source: ByteSource;
}

export interface Weights {
  /** For messages about all of them: the one file, or the index of several. */
  readonly file: string;
  readonly parts: readonly ByteSource[];
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** What else must be looked at as the parts are read; apart from the tensors. */
  readonly checks: readonly Piece[];
}

/** The number of the part that a tensor is in. */
export function partOf({ parts }: Pick<Weights, 'parts'>, { source }: TensorEntry): number {
  return parts.indexOf(source);
}
