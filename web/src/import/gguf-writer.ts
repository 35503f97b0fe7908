/**
 * GGUF version 3, little-endian: the header (metadata and tensor table) and where every tensor goes, before there is any
 * data. Format: the GGUF specification of the ggml project. Knows no model.
 */
import type { ByteTarget } from './bytes.ts';
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
}

export interface GgufLayout {
  /** Everything before the data, padded to the alignment. */
  readonly header: Uint8Array<ArrayBuffer>;
  /** Where each tensor begins in the file, in the order of the tensors. */
  readonly offsets: readonly number[];
  /** Bytes of the whole file. */
  readonly size: number;
}

/** A line of the tensor table as it is written. */
export interface TableEntry {
  readonly name: string;
  readonly dims: readonly number[];
  /** ggml's number. */
  readonly type: number;
  /** From the start of the data. */
  readonly offset: number;
}

/** Where general.alignment says nothing else. */
export const ALIGNMENT = 32;
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

/** Purpose: place tensors one behind the other, with zeros up to the alignment behind each. */
export function layoutGguf(metadata: readonly MetadataEntry[], tensors: readonly GgufTensor[]): GgufLayout {
  const table: TableEntry[] = [];
  let end = 0;
  for (const tensor of tensors) {
    table.push({ name: tensor.name, dims: tensor.dims, type: TYPE_LAYOUT[tensor.type].id, offset: end });
    end = padded(end + tensorBytes(tensor), ALIGNMENT);
  }
  const header = encodeHeader({ count: metadata.length, bytes: encodeMetadata(metadata) }, table, ALIGNMENT);
  const start = header.length;
  return { header, offsets: table.map(({ offset }) => start + offset), size: start + end };
}

/** Writes zeros from the end of something to where the next begins. */
export async function pad(target: ByteTarget, end: number, alignment = ALIGNMENT): Promise<void> {
  const zeros = new Uint8Array(padded(end, alignment) - end);
  if (zeros.length > 0) await target.write(end, zeros);
}

/** The next multiple of an alignment. */
export function padded(size: number, alignment: number): number {
  return Math.ceil(size / alignment) * alignment;
}

/** Everything before the data. `metadata` is encoded already. */
export function encodeHeader(
  metadata: { readonly count: number; readonly bytes: Uint8Array },
  table: readonly TableEntry[],
  alignment: number,
): Uint8Array<ArrayBuffer> {
  const out = new Growing();
  out.bytes(encoder.encode('GGUF'));
  out.u32(3);
  out.u64(table.length);
  out.u64(metadata.count);
  out.bytes(metadata.bytes);
  for (const tensor of table) {
    out.string(tensor.name);
    out.u32(tensor.dims.length);
    for (const dim of tensor.dims) out.u64(dim);
    out.u32(tensor.type);
    out.u64(tensor.offset);
  }
  return out.finish(alignment);
}

function encodeMetadata(metadata: readonly MetadataEntry[]): Uint8Array {
  const out = new Growing();
  for (const [key, value] of metadata) {
    out.string(key);
    encodeValue(out, value);
  }
  return out.finish(1);
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

  finish(alignment: number): Uint8Array<ArrayBuffer> {
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
