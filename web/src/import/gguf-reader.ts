/**
 * The header of a GGUF file, as far as an import needs it: where the data begins, what its tensors are called, and the
 * metadata as bytes. Whether the file makes sense as a model the core judges; here every count and length is held
 * against the bytes that are there, and no more. Format: the GGUF specification of the ggml project, little-endian.
 */
import { readExactly, refuseImpostor, type ByteSource } from './bytes.ts';
import { ImportError, quote, type ImportErrorCode } from './errors.ts';
import { ALIGNMENT, padded, type TableEntry } from './gguf-writer.ts';

/** The largest published ones have a tenth of it. */
const HEADER_LIMIT = 100_000_000;
/** What is asked for first; a header that is longer is asked for again, twice as much each time. */
const FIRST_READ = 1 << 20;
const STRING_LIMIT = 1 << 26;
const ALIGNMENT_LIMIT = 1 << 20;
const DIMENSIONS_LIMIT = 4;

const STRING = 8;
const ARRAY = 9;
/** Bytes of a value by its type's number; strings and arrays have their own lengths. */
const VALUE_BYTES: ReadonlyMap<number, number> = new Map([
  ...[0, 1, 7].map((type) => [type, 1] as const),
  ...[2, 3].map((type) => [type, 2] as const),
  ...[4, 5, 6].map((type) => [type, 4] as const),
  ...[10, 11, 12].map((type) => [type, 8] as const),
]);
const SIGNED = [1, 3, 5, 11];

export interface GgufKey {
  readonly key: string;
  /** Numbers and strings; null for everything else. */
  readonly value: number | string | null;
  /** Key, type and value as they stand in the file. */
  readonly bytes: Uint8Array;
}

export interface GgufHeader {
  readonly source: ByteSource;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly keys: ReadonlyMap<string, GgufKey>;
  readonly tensors: readonly TableEntry[];
  readonly alignment: number;
}

/** Purpose: read and check the header. Its length is where the data begins. */
export async function readGgufHeader(source: ByteSource): Promise<GgufHeader> {
  const most = Math.min(source.size, HEADER_LIMIT);
  for (let length = Math.min(FIRST_READ, most); ; length = Math.min(length * 2, most)) {
    const bytes = await readExactly(source, 0, length);
    refuseImpostor(source.name, bytes);
    try {
      return new Reader(source, bytes).header();
    } catch (error) {
      if (!(error instanceof EndOfBytes) || length === most) throw error;
    }
  }
}

/** The header goes on where the bytes end; final when there are no more. */
class EndOfBytes extends ImportError {}

class Reader {
  private at = 0;
  private readonly view: DataView;
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private readonly source: ByteSource;
  private readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(source: ByteSource, bytes: Uint8Array<ArrayBuffer>) {
    this.source = source;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  header(): GgufHeader {
    if (this.source.size === 0) this.fail('empty', 'the file is empty');
    if (this.u32() !== 0x46554747) {
      this.at = 0;
      this.fail('not-a-model', 'this is no GGUF file: it does not begin with "GGUF"');
    }
    const version = this.u32();
    if (version !== 2 && version !== 3) {
      this.fail('unsupported', `the GGUF version is ${version}; versions 2 and 3 are read`, String(version));
    }
    // The shortest tensor and the shortest key have 24 and 13 bytes.
    const tensorCount = this.count('tensors', 24);
    const keyCount = this.count('metadata keys', 13);
    const keys = new Map<string, GgufKey>();
    for (let i = 0; i < keyCount; i++) this.key(keys);
    const alignment = this.alignment(keys);
    const tensors = Array.from({ length: tensorCount }, () => this.tensor());
    const end = padded(this.at, alignment);
    if (end > this.bytes.length && this.source.size >= end) this.short(end - this.at);
    const bytes = this.bytes.slice(0, Math.min(end, this.bytes.length));
    return { source: this.source, bytes, keys, tensors, alignment };
  }

  private key(keys: Map<string, GgufKey>): void {
    const start = this.at;
    const key = this.string('key');
    const value = this.value(this.u32());
    if (keys.has(key)) {
      this.at = start;
      this.fail('duplicate', `the key ${quote(key)} is there twice`, key);
    }
    keys.set(key, { key, value, bytes: this.bytes.subarray(start, this.at) });
  }

  private value(type: number): number | string | null {
    if (type === STRING) return this.string('string');
    if (type !== ARRAY) return this.scalar(type);
    const element = this.u32();
    const width = VALUE_BYTES.get(element) ?? (element === STRING ? 8 : this.unknownType(element));
    const length = this.count('elements of an array', width);
    if (element !== STRING) this.take(length * width);
    else for (let i = 0; i < length; i++) this.take(this.count('bytes of a string', 1));
    return null;
  }

  private scalar(type: number): number {
    const width = VALUE_BYTES.get(type) ?? this.unknownType(type);
    const at = this.take(width);
    if (type === 6) return this.view.getFloat32(at, true);
    if (type === 12) return this.view.getFloat64(at, true);
    const raw = this.bytes.subarray(at, at + width).reduceRight((all, byte) => all * 256n + BigInt(byte), 0n);
    return Number(SIGNED.includes(type) ? BigInt.asIntN(width * 8, raw) : raw);
  }

  private unknownType(type: number): never {
    return this.fail('bad-type', `the value type ${type} is not known`, String(type));
  }

  private tensor(): TableEntry {
    const name = this.string('tensor name');
    const dimensions = this.u32();
    if (dimensions === 0 || dimensions > DIMENSIONS_LIMIT) {
      this.fail('bad-shape', `tensor ${quote(name)} has ${dimensions} dimensions, not 1 to 4`, name);
    }
    const dims = Array.from({ length: dimensions }, () => this.u64());
    return { name, dims, type: this.u32(), offset: this.u64() };
  }

  private alignment(keys: ReadonlyMap<string, GgufKey>): number {
    const value = keys.get('general.alignment')?.value ?? ALIGNMENT;
    const valid =
      typeof value === 'number' && value >= 1 && value <= ALIGNMENT_LIMIT && Math.log2(value) % 1 === 0;
    if (valid) return value;
    const sentence = `"general.alignment" is ${String(value)}; it must be a power of two up to ${ALIGNMENT_LIMIT}`;
    return this.fail('bad-value', sentence, 'general.alignment');
  }

  private string(what: string): string {
    const length = this.count(`bytes of a ${what}`, 1);
    if (length > STRING_LIMIT)
      this.fail('bad-length', `a ${what} has ${length} bytes, above ${STRING_LIMIT}`);
    const at = this.take(length);
    try {
      return this.utf8.decode(this.bytes.subarray(at, at + length));
    } catch {
      this.at = at;
      return this.fail('bad-encoding', `a ${what} is not valid UTF-8`);
    }
  }

  /** A count of things of at least `width` bytes each, which the rest of the file must be able to hold. */
  private count(what: string, width: number): number {
    const start = this.at;
    const count = this.u64();
    const left = this.source.size - this.at;
    if (count * width <= left) return count;
    this.at = start;
    return this.fail('truncated', `${count} ${what} are announced, but only ${left} bytes follow`);
  }

  private u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** Beyond 2^53 the last digits are lost, and whatever it counts is refused. */
  private u64(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }

  private take(length: number): number {
    const at = this.at;
    if (at + length > this.bytes.length) this.short(length);
    this.at += length;
    return at;
  }

  private short(length: number): never {
    const { name: file, size } = this.source;
    const end = this.bytes.length;
    const place = { file, offset: this.at, value: String(length), limit: String(end - this.at) };
    const sentence =
      end < size
        ? `the header goes on beyond the limit of ${HEADER_LIMIT} bytes.`
        : `at byte ${this.at}, ${length} bytes are needed, but the file ends at ${size}.`;
    throw new EndOfBytes(end < size ? 'bad-length' : 'truncated', place, sentence);
  }

  private fail(code: ImportErrorCode, what: string, where = ''): never {
    const place = { file: this.source.name, where, offset: this.at };
    throw new ImportError(code, place, this.at === 0 ? `${what}.` : `at byte ${this.at}, ${what}.`);
  }
}
