/** Small model folders in memory, and a small reader of what comes out, for the importer's tests. */
import { memorySource, type ByteSource, type ByteTarget } from '@web/import/bytes.ts';
import { ImportError } from '@web/import/errors.ts';
import type { ImportPlan, ImportRequest, RunHooks } from '@web/import/import-plan.ts';
import { planImport } from '@web/import/import.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [name: string]: JsonValue };
export type JsonRecord = Record<string, JsonValue>;

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const jsonBytes = (value: JsonValue): Uint8Array => utf8(JSON.stringify(value));

/** A safetensors file from a header, as text or as a value, and data. */
export function safetensors(header: JsonValue, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = typeof header === 'string' ? utf8(header) : jsonBytes(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

export interface TinyTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** float32 tensors, one behind the other. */
export function packTensors(tensors: ReadonlyMap<string, TinyTensor>): Uint8Array {
  const header: JsonRecord = {};
  let end = 0;
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape: [...shape], data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const data = new Uint8Array(end);
  let at = 0;
  for (const { values } of tensors.values()) {
    data.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return safetensors(header, data);
}

/** Shapes of a GPT-2 with one layer, by their names without prefix. */
export const TINY_CONFIG: JsonRecord = {
  model_type: 'gpt2',
  vocab_size: 8,
  n_positions: 3,
  n_embd: 32,
  n_layer: 1,
  n_head: 2,
  n_inner: 64,
};

export const TINY_SHAPES: Readonly<Record<string, readonly number[]>> = {
  'wte.weight': [8, 32],
  'wpe.weight': [3, 32],
  'h.0.ln_1.weight': [32],
  'h.0.ln_1.bias': [32],
  'h.0.attn.c_attn.weight': [32, 96],
  'h.0.attn.c_attn.bias': [96],
  'h.0.attn.c_proj.weight': [32, 32],
  'h.0.attn.c_proj.bias': [32],
  'h.0.ln_2.weight': [32],
  'h.0.ln_2.bias': [32],
  'h.0.mlp.c_fc.weight': [32, 64],
  'h.0.mlp.c_fc.bias': [64],
  'h.0.mlp.c_proj.weight': [64, 32],
  'h.0.mlp.c_proj.bias': [32],
  'ln_f.weight': [32],
  'ln_f.bias': [32],
};

/** Distinct values: tensor number and position can be read off each. */
export function numbered(shapes: Readonly<Record<string, readonly number[]>>): Map<string, TinyTensor> {
  return new Map(
    Object.entries(shapes).map(([name, shape], index) => {
      const count = shape.reduce((product, dim) => product * dim, 1);
      return [name, { shape, values: Float32Array.from({ length: count }, (_, i) => index + i / 8192) }];
    }),
  );
}

export const TINY_TOKENIZER: JsonRecord = {
  added_tokens: [
    { id: 5, content: '<|end|>', special: true },
    { id: 6, content: '  ', special: false },
  ],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
  model: {
    type: 'BPE',
    vocab: { a: 0, b: 1, Ġ: 2, ab: 3, Ġab: 4 },
    merges: [['a', 'b'], 'Ġ ab'],
  },
};

export interface TinyFolder {
  readonly config?: JsonRecord;
  readonly tokenizer?: JsonRecord;
  readonly settings?: JsonRecord;
  readonly weights?: Uint8Array;
}

export function tinyFiles(folder: TinyFolder = {}): ByteSource[] {
  const files = [
    memorySource('config.json', jsonBytes({ ...TINY_CONFIG, ...folder.config })),
    memorySource('tokenizer.json', jsonBytes(folder.tokenizer ?? TINY_TOKENIZER)),
    memorySource('model.safetensors', folder.weights ?? packTensors(numbered(TINY_SHAPES))),
  ];
  if (folder.settings) files.push(memorySource('tokenizer_config.json', jsonBytes(folder.settings)));
  return files;
}

export const weights = (tensors: ReadonlyMap<string, TinyTensor>): { weights: Uint8Array } => ({
  weights: packTensors(tensors),
});

/** The tiny tensors with one taken out, put in or given another shape. */
export function reshaped(changes: Readonly<Record<string, readonly number[] | null>>): {
  weights: Uint8Array;
} {
  const shapes = Object.entries({ ...TINY_SHAPES, ...changes });
  const kept = shapes.filter((entry): entry is [string, readonly number[]] => entry[1] !== null);
  return weights(numbered(Object.fromEntries(kept)));
}

export interface Converted {
  readonly plan: ImportPlan;
  /** Of plan and run. */
  readonly notes: readonly string[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gguf: Gguf;
}

/** A target that is written in order only, from `end` on and within its bounds, and keeps copies. */
export class MemoryTarget implements ByteTarget {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the next write must begin. */
  end: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, end = 0) {
    this.bytes = bytes;
    this.end = end;
  }

  write(offset: number, written: Uint8Array): void {
    if (offset !== this.end) throw new Error(`byte ${offset} is written where byte ${this.end} is due`);
    this.end += written.length;
    if (this.end > this.bytes.length) throw new Error('a write ends behind the file');
    this.bytes.set(written, offset);
  }
}

/** A source whose stream comes in chunks of the sizes given, over and over. */
export function chunked(source: ByteSource, ...sizes: readonly number[]): ByteSource {
  return {
    ...source,
    async *stream(from) {
      const all = await source.read(from, source.size - from);
      for (let at = 0, step = 0; at < all.length; step++) {
        const size = sizes[step % sizes.length] ?? 1;
        yield all.subarray(at, at + size);
        at += size;
      }
    },
  };
}

/** Plans a tiny model. */
export function planTiny(
  files: readonly ByteSource[],
  more: Partial<ImportRequest> = {},
): Promise<ImportPlan> {
  return planImport({ files, from: 'tiny', name: 'Tiny', type: 'f32', ...more });
}

/** Imports into memory that held something else before, and reads the result. */
export async function convert(
  files: readonly ByteSource[],
  more: Partial<ImportRequest> = {},
  hooks: RunHooks = {},
): Promise<Converted> {
  const plan = await planTiny(files, more);
  const bytes = new Uint8Array(plan.size).fill(0xa5);
  const target = new MemoryTarget(bytes);
  const notes = await plan.run(target, hooks);
  if (target.end !== plan.size) throw new Error(`${target.end} bytes of ${plan.size} were written`);
  return { plan, notes: [...plan.notes, ...notes], bytes, gguf: readGguf(bytes) };
}

/** The refusal of something that must be refused. */
export async function refusal(work: () => Promise<unknown>): Promise<ImportError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

export type GgufValue = number | boolean | string | (number | string)[];

export interface GgufEntry {
  readonly type: number;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
}

export interface Gguf {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufEntry>;
}

const TYPE_BYTES: Readonly<Record<number, readonly [block: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  8: [32, 34],
};

/** A reader for well-formed files, written against the format's description and not the writer. */
export function readGguf(file: Uint8Array): Gguf {
  const bytes = new Uint8Array(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const u32 = (): number => view.getUint32((at += 4) - 4, true);
  const u64 = (): number => Number(view.getBigUint64((at += 8) - 8, true));
  const text = (): string => {
    const length = u64();
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at, (at += length)));
  };
  const scalar = (type: number): number | boolean | string => {
    if (type === 4) return u32();
    if (type === 5) return view.getInt32((at += 4) - 4, true);
    if (type === 6) return view.getFloat32((at += 4) - 4, true);
    if (type === 7) return view.getUint8(at++) === 1;
    if (type === 8) return text();
    throw new Error(`value type ${type}`);
  };
  const value = (): GgufValue => {
    const type = u32();
    if (type !== 9) return scalar(type);
    const element = u32();
    return Array.from({ length: u64() }, () => scalar(element) as number | string);
  };
  if (u32() !== 0x46554747 || u32() !== 3) throw new Error('not GGUF version 3');
  const tensorCount = u64();
  const keyCount = u64();
  const metadata = new Map(Array.from({ length: keyCount }, () => [text(), value()] as const));
  const table = Array.from({ length: tensorCount }, () => {
    const name = text();
    const dims = Array.from({ length: u32() }, u64);
    return { name, dims, type: u32(), offset: u64() };
  });
  const alignment = Number(metadata.get('general.alignment') ?? 32);
  const start = Math.ceil(at / alignment) * alignment;
  const tensors = new Map(
    table.map(({ name, dims, type, offset }) => {
      const [block, width] = TYPE_BYTES[type] ?? [1, 0];
      const size = (dims.reduce((product, dim) => product * dim, 1) / block) * width;
      if (offset % alignment !== 0) throw new Error(`${name} is not aligned`);
      if (start + offset + size > bytes.length) throw new Error(`${name} ends behind the file`);
      return [name, { type, dims, data: bytes.slice(start + offset, start + offset + size) }];
    }),
  );
  return { metadata, tensors };
}

/** The values of an F32 tensor. */
export function floats(gguf: Gguf, name: string): number[] {
  const tensor = gguf.tensors.get(name);
  if (tensor?.type !== 0) throw new Error(`${name} is not an F32 tensor`);
  return [...new Float32Array(tensor.data.buffer)];
}
