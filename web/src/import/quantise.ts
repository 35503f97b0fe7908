/**
 * float32 to the types that are written: F32, F16 and Q8_0, bit for bit as ggml's reference does it.
 *   F16   round to nearest, ties to even; subnormals kept; 65,520 and above becomes infinity
 *   Q8_0  blocks of 32: d = max|x| / 127 in float32, stored as F16; q = round(x * (1/d)), halves away from zero
 * A block that holds NaN or infinity gets d = NaN, so that the whole block reads as NaN instead of as nonsense.
 * Typed arrays stand for file bytes here: little-endian machines only, which all of the Web's are.
 */

export type StoredType = 'f32' | 'f16' | 'q8_0';

interface TypeLayout {
  /** ggml's number for the type. */
  readonly id: number;
  /** Values in a block, and its bytes. */
  readonly block: number;
  readonly bytes: number;
}

export const TYPE_LAYOUT: Readonly<Record<StoredType, TypeLayout>> = {
  f32: { id: 0, block: 1, bytes: 4 },
  f16: { id: 1, block: 1, bytes: 2 },
  q8_0: { id: 8, block: 32, bytes: 34 },
};

const BLOCK = TYPE_LAYOUT.q8_0.block;
const BLOCK_BYTES = TYPE_LAYOUT.q8_0.bytes;
const F16_NAN = 0x7e00;

const floatCell = new Float32Array(1);
const bitsCell = new Uint32Array(floatCell.buffer);

/** Bytes that `count` values take in a type; `count` is a multiple of its block. */
export function storedBytes(type: StoredType, count: number): number {
  const { block, bytes } = TYPE_LAYOUT[type];
  return (count / block) * bytes;
}

/** Purpose: encode whole rows. The result may share memory with `values` (F32). */
export function encode(type: StoredType, values: Float32Array): Uint8Array {
  if (type === 'f32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return type === 'f16' ? encodeF16(values) : encodeQ8(values);
}

/** The F16 bits nearest to a float32 given by its bits. */
export function f16FromBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | F16_NAN | ((magnitude >>> 13) & 0x1ff);
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    const nearest = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return sign | ((nearest - 0x38000000) >>> 13);
  }
  return sign | subnormalF16(magnitude);
}

/** Below 2^-14: the significand in units of 2^-24. */
function subnormalF16(magnitude: number): number {
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return 0;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const half = significand >>> shift;
  const rest = significand & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  return rest > tie || (rest === tie && (half & 1) === 1) ? half + 1 : half;
}

function encodeF16(values: Float32Array): Uint8Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = f16FromBits(bits[i] ?? 0);
  return new Uint8Array(halves.buffer);
}

function encodeQ8(values: Float32Array): Uint8Array {
  const out = new Uint8Array(storedBytes('q8_0', values.length));
  for (let from = 0, at = 0; from < values.length; from += BLOCK, at += BLOCK_BYTES) {
    const largest = largestMagnitude(values, from);
    const scale = Math.fround(largest / 127);
    floatCell[0] = scale;
    const half = Number.isFinite(largest) ? f16FromBits(bitsCell[0] ?? 0) : F16_NAN;
    out[at] = half & 0xff;
    out[at + 1] = half >>> 8;
    if (half === F16_NAN) continue;
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    for (let i = 0; i < BLOCK; i++) {
      const scaled = Math.fround((values[from + i] ?? 0) * inverse);
      out[at + 2 + i] = scaled < 0 ? -Math.floor(0.5 - scaled) : Math.floor(scaled + 0.5);
    }
  }
  return out;
}

/** max|x| of a block, or NaN or infinity as soon as one is met. */
function largestMagnitude(values: Float32Array, from: number): number {
  let largest = 0;
  for (let i = from; i < from + BLOCK; i++) {
    const magnitude = Math.abs(values[i] ?? 0);
    if (magnitude <= largest) continue;
    if (!(magnitude < Infinity)) return magnitude;
    largest = magnitude;
  }
  return largest;
}
