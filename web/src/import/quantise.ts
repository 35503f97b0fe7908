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
/** The first magnitude that F16 rounds to infinity, and float32's infinity by its bits. */
const F16_OVERFLOW = 65_520;
const INFINITY_BITS = 0x7f800000;

const floatCell = new Float32Array(1);
const bitsCell = new Uint32Array(floatCell.buffer);

/** Bytes that `count` values take in a type; `count` is a multiple of its block. */
export function storedBytes(type: StoredType, count: number): number {
  const { block, bytes } = TYPE_LAYOUT[type];
  return (count / block) * bytes;
}

/** Purpose: encode whole rows. The result may share memory with `values` (F32). */
export function encode(type: StoredType, values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
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

function encodeF16(values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = f16FromBits(bits[i] ?? 0);
  return new Uint8Array(halves.buffer);
}

function encodeQ8(values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(storedBytes('q8_0', values.length));
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let from = 0, at = 0; from < values.length; from += BLOCK, at += BLOCK_BYTES) {
    const largest = largestMagnitude(bits, from, from + BLOCK);
    bitsCell[0] = largest;
    const scale = Math.fround((floatCell[0] ?? 0) / 127);
    floatCell[0] = scale;
    const half = largest < INFINITY_BITS ? f16FromBits(bitsCell[0]) : F16_NAN;
    out[at] = half & 0xff;
    out[at + 1] = half >>> 8;
    if (half === F16_NAN) continue;
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    for (let i = 0; i < BLOCK; i++) {
      const magnitude = (Math.fround(Math.abs(values[from + i] ?? 0) * inverse) + 0.5) | 0;
      const sign = (bits[from + i] ?? 0) >> 31;
      out[at + 2 + i] = (magnitude ^ sign) - sign;
    }
  }
  return out;
}

/** max|x| by its bits, which are in the order of the magnitudes, infinity and NaN last. */
function largestMagnitude(bits: Int32Array, from: number, end: number): number {
  let largest = 0;
  for (let i = from; i < end; i++) {
    const magnitude = (bits[i] ?? 0) & 0x7fffffff;
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** How many values are NaN or infinite, and how many others become infinite in `type`. */
export function countUnusual(
  values: Float32Array<ArrayBuffer>,
  type: StoredType,
): [notFinite: number, tooLarge: number] {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  floatCell[0] = type === 'f16' ? F16_OVERFLOW : type === 'q8_0' ? F16_OVERFLOW * 127 : Infinity;
  const largest = bitsCell[0] ?? 0;
  if (largestMagnitude(bits, 0, bits.length) < largest) return [0, 0];
  let notFinite = 0;
  let all = 0;
  for (const value of bits) {
    const magnitude = value & 0x7fffffff;
    if (magnitude < largest) continue;
    all++;
    if (magnitude >= INFINITY_BITS) notFinite++;
  }
  return [notFinite, all - notFinite];
}
