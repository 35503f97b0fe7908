/**
 * Zip archives as torch.save writes them since version 1.6: entries stored as they are, each begun at a multiple of 64
 * bytes, no comment at the end. Where an entry's bytes begin follows from the directory and that rule, so that an archive
 * on a server takes one request for its end and not one for each entry; its local header is held against it as it
 * passes. Format: the APPNOTE of PKWARE, with its 64-bit records.
 */
import { readExactly, type ByteSource } from './bytes.ts';
import { ImportError, quote, type ImportErrorCode } from './errors.ts';
import { padded } from './gguf-writer.ts';

export interface ZipEntry {
  readonly name: string;
  /** Of its local header. */
  readonly header: number;
  /** Of its bytes, right behind the local header. */
  readonly offset: number;
  readonly bytes: number;
}

const LOCAL_HEADER = 0x04034b50;
const LOCAL_BYTES = 30;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const DIRECTORY_LIMIT = 16 << 20;
const END = 0x06054b50;
const END_BYTES = 22;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const END64 = 0x06064b50;
const END64_BYTES = 56;
const ZIP64_FIELD = 1;
/** Says that the number is in the 64-bit field. */
const ELSEWHERE = 0xffffffff;
const ALIGNMENT = 64;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const u64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

function refuse(file: string, code: ImportErrorCode, offset: number, sentence: string, where = ''): never {
  throw new ImportError(code, { file, where, offset }, sentence);
}

/** Purpose: read and check the directory. The result is in file order. */
export async function readZip(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { offset, size, count } = await findDirectory(source);
  const bytes = await readExactly(source, offset, size);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, length } = readDirectoryEntry(source.name, bytes, at, offset);
    entries.push(entry);
    at += length;
  }
  entries.sort((a, b) => a.header - b.header);
  checkPlaces(source.name, entries, offset);
  const named = new Map(entries.map((entry) => [entry.name, entry]));
  if (named.size < entries.length) {
    refuse(source.name, 'duplicate', offset, 'two entries of the zip archive have the same name.');
  }
  return named;
}

interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const { name: file, size } = source;
  const tail = Math.min(size, END_BYTES + LOCATOR_BYTES);
  const begin = size - END_BYTES;
  const view = viewOf(await readExactly(source, size - tail, tail));
  const end = tail - END_BYTES;
  if (end < 0 || view.getUint32(end, true) !== END) {
    refuse(
      file,
      'truncated',
      Math.max(0, begin),
      'there is no zip directory at its end; the file is cut short.',
    );
  }
  const has64 = end === LOCATOR_BYTES && view.getUint32(0, true) === LOCATOR;
  const at64 = has64 ? u64(view, 8) : 0;
  const limit = has64 ? at64 : begin;
  if (has64 && at64 + END64_BYTES > begin - LOCATOR_BYTES) {
    refuse(
      file,
      'bad-value',
      begin - LOCATOR_BYTES,
      `its 64-bit zip directory is said to be at byte ${at64}.`,
    );
  }
  const directory = has64
    ? readEnd64(file, viewOf(await readExactly(source, at64, END64_BYTES)), at64)
    : {
        count: view.getUint16(end + 10, true),
        size: view.getUint32(end + 12, true),
        offset: view.getUint32(end + 16, true),
      };
  const { count, offset } = directory;
  if (directory.size > DIRECTORY_LIMIT || count * DIRECTORY_ENTRY_BYTES > directory.size) {
    const sentence = `its zip directory is said to have ${count} entries in ${directory.size} bytes; the limit is ${DIRECTORY_LIMIT}.`;
    refuse(file, 'bad-count', limit, sentence);
  }
  if (offset + directory.size > limit) {
    refuse(
      file,
      'bad-value',
      limit,
      `its zip directory is said to end at byte ${offset + directory.size}, behind its own end.`,
    );
  }
  return directory;
}

function readEnd64(file: string, view: DataView, at: number): Directory {
  if (view.getUint32(0, true) !== END64)
    refuse(file, 'bad-value', at, 'its 64-bit zip directory is not where it is said to be.');
  return { count: u64(view, 32), size: u64(view, 40), offset: u64(view, 48) };
}

function readDirectoryEntry(file: string, bytes: Uint8Array, at: number, base: number) {
  const place = base + at;
  const cut = (): never =>
    refuse(file, 'truncated', place, `its zip directory is cut short at byte ${place}.`);
  if (at + DIRECTORY_ENTRY_BYTES > bytes.length) cut();
  const view = viewOf(bytes.subarray(at));
  if (view.getUint32(0, true) !== DIRECTORY_ENTRY) {
    refuse(file, 'bad-value', place, `at byte ${place}, an entry of the zip directory is expected.`);
  }
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => view.getUint16(field, true)) as [
    number,
    number,
    number,
  ];
  const length = DIRECTORY_ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
  if (at + length > bytes.length) cut();
  const nameEnd = at + DIRECTORY_ENTRY_BYTES + nameBytes;
  const name = new TextDecoder().decode(bytes.subarray(nameEnd - nameBytes, nameEnd));
  const problem = (code: ImportErrorCode, what: string): never =>
    refuse(file, code, place, `the entry ${quote(name)} of the zip archive ${what}.`, name);
  if ((view.getUint16(8, true) & 1) !== 0) problem('unsupported', 'is encrypted');
  if (view.getUint16(10, true) !== 0)
    problem('unsupported', 'is compressed; torch.save stores entries as they are');
  const wide = zip64Numbers(bytes.subarray(nameEnd, nameEnd + extraBytes));
  const number = (field: number): number => {
    const short = view.getUint32(field, true);
    return short === ELSEWHERE ? (wide.shift() ?? problem('bad-value', 'lacks its 64-bit sizes')) : short;
  };
  const size = number(24);
  if (number(20) !== size) problem('bad-value', 'has two different sizes');
  const header = number(42);
  const entry: ZipEntry = { name, header, offset: dataOffset(header, nameBytes, size), bytes: size };
  return { entry, length };
}

/** The numbers of the 64-bit field of an entry, in order. */
function zip64Numbers(extra: Uint8Array): number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64_FIELD) continue;
    const end = Math.min(at + 4 + view.getUint16(at + 2, true), extra.length);
    return Array.from({ length: Math.floor((end - at - 4) / 8) }, (_, i) => u64(view, at + 4 + 8 * i));
  }
  return [];
}

/** Behind the name comes a field of padding, and before it the 64-bit field where it is needed. */
function dataOffset(header: number, nameBytes: number, size: number): number {
  const wide = (size >= ELSEWHERE ? 16 : 0) + (header >= ELSEWHERE ? 8 : 0);
  return padded(header + LOCAL_BYTES + nameBytes + (wide > 0 ? 4 + wide : 0) + 4, ALIGNMENT);
}

function checkPlaces(file: string, entries: readonly ZipEntry[], directory: number): void {
  for (const [index, { name, header, offset, bytes }] of entries.entries()) {
    const limit = entries[index + 1]?.header ?? directory;
    if (offset + bytes <= limit) continue;
    const sentence = `the entry ${quote(name)} of the zip archive ends at byte ${offset + bytes}, inside of what follows at ${limit}.`;
    refuse(file, 'overlap', header, sentence, name);
  }
}

/** Purpose: hold a local header against the directory. `bytes` are those up to the entry's own. */
export function checkLocalHeader(file: string, { name, header, offset }: ZipEntry, bytes: Uint8Array): void {
  const view = viewOf(bytes);
  const nameBytes = view.getUint16(26, true);
  const found = new TextDecoder().decode(bytes.subarray(LOCAL_BYTES, LOCAL_BYTES + nameBytes));
  const begins = header + LOCAL_BYTES + nameBytes + view.getUint16(28, true);
  const agrees = view.getUint32(0, true) === LOCAL_HEADER && view.getUint16(8, true) === 0 && found === name;
  if (agrees && begins === offset) return;
  const sentence = agrees
    ? `the entry ${quote(name)} of the zip archive begins at byte ${begins}, not at ${offset} as torch.save aligns it.`
    : `the local header of the zip archive's entry ${quote(name)} contradicts the directory.`;
  refuse(file, 'bad-value', header, sentence, name);
}
