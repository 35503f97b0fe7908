/**
 * The safetensors container: 8 bytes of header length, a JSON header, then the tensors without gaps.
 * Format: the safetensors specification. Reads the header only; everything in it is held against the file's size.
 */
import { readExactly, refuseImpostor, type ByteSource } from './bytes.ts';
import { ImportError, quote, type ImportErrorCode } from './errors.ts';
import { describeJson, JsonObject, parseJson, type Json } from './json.ts';
import { DTYPE_BYTES, type TensorEntry, type Weights } from './weights.ts';

/** The format's own ceiling for a header. */
export const HEADER_LIMIT = 100_000_000;
const DIMENSIONS_LIMIT = 8;

/** Purpose: read and check the header. The tensors are in file order. */
export async function readSafetensors(source: ByteSource): Promise<Weights> {
  const headerBytes = await readHeaderLength(source);
  const header = parseJson(await readExactly(source, 8, headerBytes), source.name, 8);
  if (!(header instanceof JsonObject)) {
    throw new ImportError('bad-type', { file: source.name, offset: 8 }, 'the header is not a JSON object.');
  }
  const start = 8 + headerBytes;
  const entries: TensorEntry[] = [];
  for (const [name, value] of header) {
    if (name !== '__metadata__') entries.push(readEntry(source, start, name, value));
  }
  entries.sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  checkCoverage(source, start, entries);
  const tensors = new Map(entries.map((entry) => [entry.name, entry]));
  return { file: source.name, parts: [source], tensors, checks: [] };
}

async function readHeaderLength(source: ByteSource): Promise<number> {
  const { name: file, size } = source;
  const refuse = (code: ImportErrorCode, sentence: string, value?: number, limit?: number): never => {
    const facts = {
      ...(value !== undefined && { value: String(value) }),
      ...(limit && { limit: String(limit) }),
    };
    throw new ImportError(code, { file, where: 'header length', offset: 0, ...facts }, sentence);
  };
  if (size === 0) return refuse('empty', 'the file is empty.');
  if (size < 8)
    return refuse('truncated', `the file has ${size} bytes; a safetensors file has at least 8.`, size, 8);
  const first = await readExactly(source, 0, Math.min(size, 16));
  refuseImpostor(file, first);
  const length = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true));
  if (length === 0) return refuse('bad-length', 'the header length is 0.', 0, HEADER_LIMIT);
  if (length > HEADER_LIMIT) {
    const sentence = `the header length is ${length}, above the limit of ${HEADER_LIMIT}; is this a safetensors file?`;
    return refuse('bad-length', sentence, length, HEADER_LIMIT);
  }
  if (length > size - 8) {
    const sentence = `the header is said to have ${length} bytes, but only ${size - 8} follow; the file is cut short.`;
    return refuse('truncated', sentence, length, size - 8);
  }
  return length;
}

function readEntry(source: ByteSource, start: number, name: string, json: Json): TensorEntry {
  const offset = json instanceof JsonObject ? json.offset : 8;
  const refuse = (code: ImportErrorCode, problem: string, value: string, limit = ''): never => {
    const place = { file: source.name, where: name, offset, value, ...(limit && { limit }) };
    throw new ImportError(code, place, `tensor ${quote(name)} (header byte ${offset}) ${problem}.`);
  };
  if (!(json instanceof JsonObject)) return refuse('bad-type', 'is not an object', describeJson(json));
  const dtype = json.get('dtype');
  const width = typeof dtype === 'string' ? DTYPE_BYTES.get(dtype) : undefined;
  if (typeof dtype !== 'string' || width === undefined) {
    return refuse(
      'bad-type',
      `has the dtype ${describeJson(dtype)}, which is not known`,
      describeJson(dtype),
    );
  }
  const shape = readCounts(json.get('shape'), (problem, value) =>
    refuse('bad-shape', `has a shape ${problem}`, value),
  );
  if (shape.length > DIMENSIONS_LIMIT) {
    const limit = String(DIMENSIONS_LIMIT);
    return refuse(
      'bad-shape',
      `has ${shape.length} dimensions, more than ${limit}`,
      String(shape.length),
      limit,
    );
  }
  const offsets = readCounts(json.get('data_offsets'), (problem, value) =>
    refuse('bad-value', `has data_offsets ${problem}`, value),
  );
  const [begin, end] = offsets;
  if (offsets.length !== 2 || begin === undefined || end === undefined) {
    return refuse('bad-value', 'has data_offsets that are not two numbers', String(offsets.length), '2');
  }
  if (begin > end)
    return refuse('bad-value', `ends at ${end}, before it begins at ${begin}`, String(end), String(begin));
  if (end > source.size - start) {
    const available = source.size - start;
    return refuse(
      'truncated',
      `ends at byte ${end} of the data, but only ${available} are there`,
      `${end}`,
      `${available}`,
    );
  }
  const bytes = shape.reduce((product, dim) => product * dim, width);
  if (bytes !== end - begin) {
    const problem = `has shape [${shape.join(', ')}] in ${dtype}, ${bytes} bytes, but its range has ${end - begin}`;
    return refuse('bad-shape', problem, String(end - begin), String(bytes));
  }
  return { name, dtype, shape, offset: start + begin, bytes, source };
}

/** An array of whole numbers that are exact in a double. */
function readCounts(json: Json | undefined, refuse: (problem: string, value: string) => never): number[] {
  if (!Array.isArray(json))
    return refuse(`that is not an array but ${describeJson(json)}`, describeJson(json));
  return json.map((value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      return refuse(`with ${describeJson(value)} in place of a whole number`, describeJson(value));
    }
    if (value < 0) return refuse(`with the negative number ${value}`, String(value));
    if (value > Number.MAX_SAFE_INTEGER) return refuse(`with ${value}, beyond 2^53`, String(value));
    return value;
  });
}

/** The tensors must cover the data exactly: no overlap, no hole, nothing behind the last. */
function checkCoverage(source: ByteSource, start: number, entries: readonly TensorEntry[]): void {
  let covered = start;
  for (const entry of entries) {
    if (entry.offset !== covered) {
      const isOverlap = entry.offset < covered;
      const place = { file: source.name, where: entry.name, offset: entry.offset, limit: String(covered) };
      const problem = isOverlap
        ? `begins at byte ${entry.offset}, inside of the tensor before it, which ends at ${covered}`
        : `begins at byte ${entry.offset}, but the tensor before it ends at ${covered}: a hole`;
      const code = isOverlap ? 'overlap' : 'bad-value';
      throw new ImportError(code, place, `tensor ${quote(entry.name)} ${problem}.`);
    }
    covered += entry.bytes;
  }
  if (covered !== source.size) {
    const place = { file: source.name, offset: covered, value: String(source.size), limit: String(covered) };
    const sentence = `the last tensor ends at byte ${covered}, but the file goes on to ${source.size}.`;
    throw new ImportError('bad-length', place, sentence);
  }
}
