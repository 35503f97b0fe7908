/**
 * Writes GGUF version 3, little-endian: header, metadata, tensor table, then the tensors one chunk at a time.
 * Format: the GGUF specification of the ggml project. Knows no model; sizes are known before any data is asked for.
 */
import type { ByteSink } from './bytes.ts';
import { storedBytes, TYPE_LAYOUT, type StoredType } from './quantise.ts';

export type MetadataValue =
  | { readonly type: 'u32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'i32s' | 'f32s'; readonly value: readonly number[] };

export type MetadataEntry = readonly [key: string, value: MetadataValue];

export const u32 = (key: string, value: number): MetadataEntry => [key, { type: 'u32', value }];
export const f32 = (key: string, value: number): MetadataEntry => [key, { type: 'f32', value }];
export const bool = (key: string, value: boolean): MetadataEntry => [key, { type: 'bool', value }];
export const text = (key: string, value: string): MetadataEntry => [key, { type: 'string', value }];
export const texts = (key: string, value: readonly string[]): MetadataEntry => [
  key,
  { type: 'strings', value },
];
export const f32s = (key: string, value: readonly number[]): MetadataEntry => [key, { type: 'f32s', value }];
export const i32s = (key: string, value: readonly number[]): MetadataEntry => [key, { type: 'i32s', value }];

export interface GgufTensor {
  readonly name: string;
  readonly type: StoredType;
  /** The contiguous dimension first. */
  readonly dims: readonly number[];
  /** The data in order; together exactly `tensorBytes` long. */
  chunks(): AsyncIterable<Uint8Array>;
}

const ALIGNMENT = 32;
const VALUE_TYPE = { u32: 4, f32: 6, bool: 7, string: 8, strings: 9, i32s: 9, f32s: 9 } as const;
const I32 = 5;
const encoder = new TextEncoder();

/** Bytes of a tensor's data, without the padding behind it. */
export function tensorBytes(tensor: Pick<GgufTensor, 'type' | 'dims'>): number {
  return storedBytes(
    tensor.type,
    tensor.dims.reduce((product, dim) => product * dim, 1),
  );
}

/** Purpose: write a whole file to `sink`. Returns the number of bytes written. */
export async function writeGguf(
  metadata: readonly MetadataEntry[],
  tensors: readonly GgufTensor[],
  sink: ByteSink,
): Promise<number> {
  const header = encodeHeader(metadata, tensors);
  await sink(header);
  let written = header.length;
  for (const tensor of tensors) {
    const expected = tensorBytes(tensor);
    let size = 0;
    for await (const chunk of tensor.chunks()) {
      size += chunk.length;
      await sink(chunk);
    }
    if (size !== expected) throw new Error(`${tensor.name}: ${size} bytes written instead of ${expected}`);
    const padding = padded(size) - size;
    if (padding > 0) await sink(new Uint8Array(padding));
    written += size + padding;
  }
  return written;
}

function padded(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

/** Everything before the tensor data, padded to the alignment. */
function encodeHeader(metadata: readonly MetadataEntry[], tensors: readonly GgufTensor[]): Uint8Array {
  const out = new Growing();
  out.bytes(encoder.encode('GGUF'));
  out.u32(3);
  out.u64(tensors.length);
  out.u64(metadata.length);
  for (const [key, value] of metadata) {
    out.string(key);
    encodeValue(out, value);
  }
  let offset = 0;
  for (const tensor of tensors) {
    out.string(tensor.name);
    out.u32(tensor.dims.length);
    for (const dim of tensor.dims) out.u64(dim);
    out.u32(TYPE_LAYOUT[tensor.type].id);
    out.u64(offset);
    offset += padded(tensorBytes(tensor));
  }
  return out.finish(ALIGNMENT);
}

function encodeValue(out: Growing, entry: MetadataValue): void {
  out.u32(VALUE_TYPE[entry.type]);
  switch (entry.type) {
    case 'u32':
      out.u32(entry.value);
      break;
    case 'f32':
      out.f32(entry.value);
      break;
    case 'bool':
      out.bytes(Uint8Array.of(entry.value ? 1 : 0));
      break;
    case 'string':
      out.string(entry.value);
      break;
    case 'strings':
      out.u32(VALUE_TYPE.string);
      out.u64(entry.value.length);
      for (const value of entry.value) out.string(value);
      break;
    case 'i32s':
      out.u32(I32);
      out.u64(entry.value.length);
      for (const value of entry.value) out.u32(value >>> 0);
      break;
    case 'f32s':
      out.u32(VALUE_TYPE.f32);
      out.u64(entry.value.length);
      for (const value of entry.value) out.f32(value);
  }
}

/** A buffer that doubles when it is full. */
class Growing {
  private buffer = new Uint8Array(1 << 16);
  private view = new DataView(this.buffer.buffer);
  private size = 0;

  bytes(bytes: Uint8Array): void {
    const at = this.take(bytes.length);
    this.buffer.set(bytes, at);
  }

  u32(value: number): void {
    const at = this.take(4);
    this.view.setUint32(at, value, true);
  }

  u64(value: number): void {
    const at = this.take(8);
    this.view.setBigUint64(at, BigInt(value), true);
  }

  f32(value: number): void {
    const at = this.take(4);
    this.view.setFloat32(at, value, true);
  }

  string(value: string): void {
    const bytes = encoder.encode(value);
    this.u64(bytes.length);
    this.bytes(bytes);
  }

  finish(alignment: number): Uint8Array {
    const rest = this.size % alignment;
    if (rest > 0) this.take(alignment - rest);
    return this.buffer.slice(0, this.size);
  }

  /** Makes room for `count` bytes, zero so far, and returns where they start. */
  private take(count: number): number {
    const at = this.size;
    this.size += count;
    if (this.size > this.buffer.length) {
      const grown = new Uint8Array(Math.max(this.size, this.buffer.length * 2));
      grown.set(this.buffer);
      this.buffer = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }
}
