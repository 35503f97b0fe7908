/** The types that weights are read in, widened to float32. Typed arrays stand for file bytes: little-endian machines only. */
import { DTYPE_BYTES } from './weights.ts';

export const WEIGHT_DTYPES: readonly string[] = ['F32', 'F16', 'BF16'];

/** Bytes of a dtype as float32. F32 takes the bytes over where they are aligned. */
export function widen(dtype: string, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const width = DTYPE_BYTES.get(dtype) ?? 1;
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
