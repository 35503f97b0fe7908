/** Zip archives and pickles as torch.save lays them out, byte by byte, so that each can be wrong in one place. */
import { numbered, TINY_SHAPES, utf8 } from './import-helpers.ts';

export interface ZipPart {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** In the directory, in place of what is true. */
  readonly method?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly header?: number;
  /** In the local header. */
  readonly localName?: string;
  readonly localPadding?: number;
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Fields of 2, 4 or 8 bytes, little-endian. */
function fields(...values: readonly (readonly [width: 2 | 4 | 8, value: number])[]): Uint8Array {
  const bytes = Buffer.alloc(values.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of values) {
    if (width === 8) bytes.writeBigUInt64LE(BigInt(value), at);
    else bytes.writeUIntLE(value, at, width);
    at += width;
  }
  return bytes;
}

export interface ZipEnd {
  readonly count?: number;
  readonly size?: number;
  readonly offset?: number;
  /** Where the 64-bit directory is said to be. */
  readonly at64?: number;
  readonly signature64?: number;
}

/** An archive with 64-bit records, as torch writes them. */
export function zipFile(parts: readonly ZipPart[], end: ZipEnd = {}): Uint8Array {
  let data: Uint8Array = new Uint8Array();
  const directory: Uint8Array[] = [];
  for (const part of parts) {
    const header = data.length;
    const name = utf8(part.localName ?? part.name);
    const padding = part.localPadding ?? (64 - ((header + 34 + name.length) % 64)) % 64;
    const local = fields(
      [4, 0x04034b50],
      [2, 0],
      [2, 0x808],
      [2, 0],
      [4, 0],
      [4, 0],
      [4, 0],
      [4, 0],
      [2, name.length],
      [2, padding + 4],
    );
    const extra = join(fields([2, 0x4246], [2, padding]), new Uint8Array(padding).fill(0x5a));
    data = join(data, local, name, extra, part.bytes);
    const size = part.size ?? part.bytes.length;
    const facts = fields(
      [4, 0x02014b50],
      [2, 0],
      [2, 0],
      [2, part.flags ?? 0x808],
      [2, part.method ?? 0],
      [4, 0],
      [4, 0],
      [4, size],
      [4, size],
    );
    const entryName = utf8(part.name);
    const rest = fields(
      [2, entryName.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, part.header ?? header],
    );
    directory.push(join(facts, rest, entryName));
  }
  const entries = join(...directory);
  const [count, size, offset] = [
    end.count ?? parts.length,
    end.size ?? entries.length,
    end.offset ?? data.length,
  ];
  const at = data.length + entries.length;
  const end64 = fields(
    [4, end.signature64 ?? 0x06064b50],
    [8, 44],
    [2, 45],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, size],
    [8, offset],
  );
  const locator = fields([4, 0x07064b50], [4, 0], [8, end.at64 ?? at], [4, 1]);
  const last = fields(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, 0xffff],
    [2, 0xffff],
    [4, 0xffffffff],
    [4, 0xffffffff],
    [2, 0],
  );
  return join(data, entries, end64, locator, last);
}

// ---- pickles: what each opcode is followed by ----------------------------------------------------------------

export type Op = string | Uint8Array;
const bytesOf = (op: Op): Uint8Array =>
  typeof op === 'string' ? new Uint8Array(Buffer.from(op, 'latin1')) : op;

/** A pickle of protocol 2. Opcodes are given as characters. */
export const pickle = (...ops: Op[]): Uint8Array =>
  join(Uint8Array.of(0x80, 2), ...ops.map(bytesOf), bytesOf('.'));
export const text = (value: string): Uint8Array =>
  join(bytesOf('X'), fields([4, utf8(value).length]), utf8(value));
export const int = (value: number): Uint8Array => join(bytesOf('M'), fields([2, value]));
export const global = (module: string, name: string): string => `c${module}\n${name}\n`;
export const tuple = (...items: Op[]): Uint8Array => join(bytesOf('('), ...items.map(bytesOf), bytesOf('t'));

export interface TensorFacts {
  readonly storage?: string;
  readonly key?: string;
  readonly count?: number;
  readonly first?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
}

/** A tensor as torch.save writes it: four float32 in a row, unless told otherwise. */
export function tensor(facts: TensorFacts = {}): Uint8Array {
  const { storage = 'FloatStorage', key = '0', count = 4, first = 0, shape = [4], strides = [1] } = facts;
  const id = tuple(text('storage'), global('torch', storage), text(key), text('cpu'), int(count));
  const hooks = join(bytesOf(global('collections', 'OrderedDict')), bytesOf(')R'));
  const args = tuple(
    join(id, bytesOf('Q')),
    int(first),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    '\x89',
    hooks,
  );
  return join(bytesOf(global('torch._utils', '_rebuild_tensor_v2')), args, bytesOf('R'));
}

/** A dictionary with one thing in it. */
export const dictOf = (value: Op): Uint8Array => pickle('}', text('a'), value, 's');

/** A file with this pickle and one storage of 16 bytes. */
export function torchFile(program: Uint8Array, more: readonly ZipPart[] = [], end: ZipEnd = {}): Uint8Array {
  const storage = { name: 'archive/data/0', bytes: new Uint8Array(16) };
  return zipFile([{ name: 'archive/data.pkl', bytes: program }, storage, ...more], end);
}

/** The tiny model with one more name for its first tensor. */
export function tiedFile(): Uint8Array {
  const values = [...numbered(TINY_SHAPES)];
  const storages = values.map(([, { values: floats }], i) => ({
    name: `archive/data/${i}`,
    bytes: new Uint8Array(floats.buffer),
  }));
  const named = (name: string, i: number) => {
    const { shape, values: floats } = values[i]?.[1] ?? { shape: [], values: new Float32Array() };
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, dim) => product * dim, 1));
    return [text(name), tensor({ key: String(i), count: floats.length, shape, strides })];
  };
  const items = [...values.flatMap(([name], i) => named(name, i)), ...named('lm_head.weight', 0)];
  return zipFile([{ name: 'archive/data.pkl', bytes: pickle('}(', ...items, 'u') }, ...storages]);
}
