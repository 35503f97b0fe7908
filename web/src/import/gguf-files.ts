/**
 * GGUF files as a source: a single one is copied; shards NAME-00001-of-0000N.gguf become one file, with the metadata of
 * the first and the tensors of all. Weights keep the types they have.
 */
import type { ByteSource } from './bytes.ts';
import { ImportError, quote, type ImportErrorCode } from './errors.ts';
import { readGgufHeader, type GgufHeader } from './gguf-reader.ts';
import { encodeHeader, padded, type GgufLayout, type TableEntry } from './gguf-writer.ts';
import type { ImportPlan, ImportRequest } from './import-plan.ts';
import { copied, runPieces, type Piece } from './pieces.ts';

const SHARD = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/;
const SPLIT_KEYS = ['split.no', 'split.count', 'split.tensors.count'];

/** Purpose: the files that make up one model, in order, or null where there is no .gguf. */
export async function findGguf({ files, from }: ImportRequest): Promise<readonly ByteSource[] | null> {
  const named = files.filter(({ name }) => name.endsWith('.gguf'));
  const [first, ...others] = named.length > 0 ? named : await unnamed(files);
  if (first === undefined) return null;
  const shard = SHARD.exec(first.name);
  if (shard) return collectShards(from, named, shard[1] ?? '', Number(shard[3]));
  if (others.length === 0) return [first];
  const names = named.map(({ name }) => name).join(', ');
  const sentence = `there are several .gguf files (${names}); take one of them.`;
  throw new ImportError('bad-argument', { file: from, value: String(named.length), limit: '1' }, sentence);
}

/** A single file is a GGUF by its first bytes, whatever its name. */
async function unnamed(files: readonly ByteSource[]): Promise<readonly ByteSource[]> {
  const [file] = files;
  if (files.length !== 1 || file === undefined || file.size < 4) return [];
  const magic = new TextDecoder().decode(await file.read(0, 4));
  return magic === 'GGUF' ? [file] : [];
}

function collectShards(
  from: string,
  named: readonly ByteSource[],
  stem: string,
  count: number,
): ByteSource[] {
  const digits = (value: number): string => String(value).padStart(5, '0');
  const names = Array.from(
    { length: count },
    (_, index) => `${stem}-${digits(index + 1)}-of-${digits(count)}.gguf`,
  );
  const other = named.find(({ name }) => !names.includes(name));
  if (other) {
    const sentence = `${quote(other.name)} is no shard of ${quote(stem)}, which has ${count}; take one model at a time.`;
    throw new ImportError('bad-argument', { file: from, where: other.name, limit: String(count) }, sentence);
  }
  return names.map((name) => {
    const found = named.find((file) => file.name === name);
    if (found) return found;
    throw new ImportError('missing', { file: from, where: name }, `the shard ${name} is missing.`);
  });
}

/** Purpose: plan a model in GGUF files, one or all of its shards in order. */
export async function planGguf(request: ImportRequest, parts: readonly ByteSource[]): Promise<ImportPlan> {
  const headers: GgufHeader[] = [];
  for (const part of parts) {
    request.signal?.throwIfAborted();
    headers.push(await readGgufHeader(part));
  }
  const [first] = headers as [GgufHeader];
  const isSplit = parts.length > 1 || first.keys.has('split.count');
  const { header, size, pieces, tensors } = isSplit ? merge(headers) : whole(first);
  const text = (key: string): string => {
    const value = first.keys.get(key)?.value;
    return typeof value === 'string' ? value : '';
  };
  const architecture = text('general.architecture');
  const parameters = tensors.reduce(
    (sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1),
    0,
  );
  request.onStage?.(`${request.from}: ${architecture}, ${tensors.length} tensors in ${parts.length} files`);
  return {
    name: text('general.name') || request.name,
    architecture,
    parameters,
    tensors: tensors.length,
    header,
    size,
    parts,
    notes: [],
    async run(target, hooks = {}) {
      if (!hooks.from) await target.write(0, header);
      await runPieces(parts, pieces, target, hooks);
      return [];
    },
  };
}

interface GgufCopy extends Omit<GgufLayout, 'offsets'> {
  readonly pieces: readonly Piece[];
  readonly tensors: readonly TableEntry[];
}

function whole({ source: { size }, bytes, tensors }: GgufHeader): GgufCopy {
  const pieces = [copied(0, bytes.length, size - bytes.length, bytes.length, 1)];
  return { header: bytes, size, pieces, tensors };
}

/** The data of each shard, one behind the other, and a header with all tensors. */
function merge(headers: readonly GgufHeader[]): GgufCopy {
  const [{ alignment, keys }] = headers as [GgufHeader];
  const owners = new Map<string, string>();
  const tensors: TableEntry[] = [];
  const blocks = headers.map((shard, index) => {
    checkShard(shard, index, headers);
    return { shard, bytes: shard.source.size - shard.bytes.length };
  });
  let end = 0;
  const starts = blocks.map(({ shard, bytes }) => {
    const start = end;
    for (const tensor of shard.tensors) {
      checkTensor(shard.source.name, tensor, bytes, owners);
      tensors.push({ ...tensor, offset: start + tensor.offset });
    }
    end = padded(start + bytes, alignment);
    return start;
  });
  const kept = [...keys.values()].filter(({ key }) => !SPLIT_KEYS.includes(key));
  const metadata = concatenated(kept.map(({ bytes }) => bytes));
  const header = encodeHeader({ count: kept.length, bytes: metadata }, tensors, alignment);
  const pieces = blocks.map(({ shard, bytes }, index) =>
    copied(index, shard.bytes.length, bytes, header.length + (starts[index] ?? 0), alignment),
  );
  return { header, size: header.length + end, pieces, tensors };
}

/** The shards say which one they are, and must say so in the same way. */
function checkShard(shard: GgufHeader, index: number, headers: readonly GgufHeader[]): void {
  const [first] = headers as [GgufHeader];
  const expect = (where: string, found: number | string | null, expected: number, why: string): void => {
    if (found === expected) return;
    const said = found === null ? 'missing' : String(found);
    const code: ImportErrorCode = found === null ? 'missing' : 'bad-value';
    const place = { file: shard.source.name, where, value: said, limit: String(expected) };
    throw new ImportError(code, place, `"${where}" is ${said}; it must be ${expected}, ${why}.`);
  };
  const value = (key: string): number | string | null => shard.keys.get(key)?.value ?? null;
  expect('split.no', value('split.no'), index, 'as its name says');
  expect('split.count', value('split.count'), headers.length, 'the number of shards');
  const tensors = headers.reduce((sum, one) => sum + one.tensors.length, 0);
  expect('split.tensors.count', value('split.tensors.count'), tensors, 'as many as all shards have');
  expect('general.alignment', shard.alignment, first.alignment, 'as in the first shard');
}

function checkTensor(
  file: string,
  { name, offset }: TableEntry,
  bytes: number,
  owners: Map<string, string>,
): void {
  const owner = owners.get(name);
  if (owner !== undefined) {
    const sentence = `tensor ${quote(name)} is in two shards, here and in ${owner}.`;
    throw new ImportError('duplicate', { file, where: name }, sentence);
  }
  owners.set(name, file);
  if (offset < bytes) return;
  const place = { file, where: name, value: String(offset), limit: String(bytes) };
  const sentence = `tensor ${quote(name)} begins at byte ${offset} of the data, but only ${bytes} are there.`;
  throw new ImportError('truncated', place, sentence);
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
