/**
 * Where bytes come from and where they go. Files on disk, dropped files, downloads and blocks of memory all look like
 * this, so that the importer runs in Node, in the page and in a worker alike.
 */
import { ImportError } from './errors.ts';

/** `size` bytes. `name` is the file's name without folders. */
export interface ByteSource {
  readonly name: string;
  readonly size: number;
  /** Any few of them, for headers and small files. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** All of them from `from` on, in order, in chunks of any size. A chunk is read before the next is asked for. */
  stream(from: number): AsyncIterable<Uint8Array>;
}

/**
 * A file or buffer of known size, written from its first byte to its last: each write begins where the one before ended.
 * `bytes` may be used for something else once the write is done.
 */
export interface ByteTarget {
  write(offset: number, bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
}

/** Reads exactly `length` bytes, or refuses. */
export async function readExactly(
  source: ByteSource,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (offset + length > source.size) {
    throw new ImportError(
      'truncated',
      { file: source.name, offset, value: String(length), limit: String(source.size) },
      `${length} bytes are needed from offset ${offset}, but the file ends at ${source.size}.`,
    );
  }
  const bytes = await source.read(offset, length);
  if (bytes.length !== length) {
    throw new ImportError(
      'read-failed',
      { file: source.name, offset, value: String(bytes.length), limit: String(length) },
      `reading ${length} bytes from offset ${offset} delivered ${bytes.length}; did the file change meanwhile?`,
    );
  }
  return bytes;
}

/** Reads a whole small file, or refuses one above `limit` bytes. */
export async function readWhole(source: ByteSource, limit: number): Promise<Uint8Array> {
  if (source.size === 0) {
    throw new ImportError('empty', { file: source.name, offset: 0 }, 'the file is empty.');
  }
  if (source.size > limit) {
    throw new ImportError(
      'bad-length',
      { file: source.name, value: String(source.size), limit: String(limit) },
      `the file has ${source.size} bytes, more than the limit of ${limit} for a file of this kind.`,
    );
  }
  return readExactly(source, 0, source.size);
}

/** A source over bytes already in memory. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
    async *stream(from) {
      yield await Promise.resolve(bytes.subarray(from));
    },
  };
}

/** A dropped or stored file. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    stream: (from) => streamed(blob.slice(from).stream()),
  };
}

/**
 * The chunks of a stream, which is cancelled when nobody wants the rest: not every browser's streams can be iterated. A
 * chunk is read before the next is asked for.
 */
export async function* streamed(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = readerOf(stream);
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } finally {
    await reader.cancel();
  }
}

/** Most of a chunk. */
const CHUNK = 1 << 20;

interface ChunkReader {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>;
  cancel(): Promise<void>;
}

/** One buffer for all chunks, where the stream can fill one: finding fresh memory for each takes longer than reading. */
function readerOf(stream: ReadableStream<Uint8Array>): ChunkReader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: 'byob' });
  } catch {
    return stream.getReader();
  }
  let buffer = new ArrayBuffer(CHUNK);
  return {
    read: async () => {
      const step = await reader.read(new Uint8Array(buffer));
      if (!step.done) buffer = step.value.buffer;
      return step;
    },
    cancel: () => reader.cancel(),
  };
}

/** Says what a file is when it is a well-known stand-in for the one that was wanted. */
export function refuseImpostor(file: string, first: Uint8Array): void {
  const opening = String.fromCharCode(...first.subarray(0, 16))
    .trimStart()
    .toLowerCase();
  const sentence = opening.startsWith('version https:')
    ? 'this is a Git LFS pointer, not the file itself; fetch the file with "git lfs pull".'
    : opening.startsWith('<!doctype') || opening.startsWith('<html')
      ? 'this is a web page, not a model file; the download went wrong.'
      : null;
  if (sentence !== null) throw new ImportError('not-a-model', { file, offset: 0 }, sentence);
}
