/** The index of a checkpoint that lies in several files: which tensor is in which of them. */
import { readWhole, type ByteSource } from './bytes.ts';
import { Fields } from './config.ts';
import { ImportError, quote, type ImportErrorCode } from './errors.ts';
import { describeJson, JsonObject } from './json.ts';
import type { TensorEntry, Weights } from './weights.ts';

const INDEX_LIMIT = 64 << 20;
/** A name beside the index: no folders, no address, nothing hidden. */
const PLAIN_NAME = /^[\w-][\w.-]*$/;

/** Purpose: read an index. By tensor, the name of its shard; every name is that of a file beside the index. */
export async function readShardIndex(index: ByteSource): Promise<Map<string, string>> {
  const fields = Fields.parse(await readWhole(index, INDEX_LIMIT), index.name);
  const refuse = (code: ImportErrorCode, where: string, value: string, sentence: string): never => {
    throw new ImportError(code, { file: index.name, where, value }, sentence);
  };
  const map = fields.get('weight_map');
  if (!(map instanceof JsonObject) || map.size === 0) {
    const found = map instanceof JsonObject ? 'empty' : describeJson(map);
    return refuse(
      'bad-type',
      'weight_map',
      found,
      `"weight_map" is ${found}; it must be an object of tensors.`,
    );
  }
  const shards = new Map<string, string>();
  for (const [tensor, shard] of map) {
    const said = describeJson(shard);
    if (typeof shard !== 'string') {
      return refuse(
        'bad-type',
        tensor,
        said,
        `the shard of tensor ${quote(tensor)} is ${said}, not a file's name.`,
      );
    }
    if (!PLAIN_NAME.test(shard)) {
      const sentence = `the shard of tensor ${quote(tensor)} is ${said}; shards are files beside the index, not paths or addresses.`;
      return refuse('bad-value', tensor, said, sentence);
    }
    shards.set(tensor, shard);
  }
  return shards;
}

/** Purpose: read all shards, each by `read`. Refuses a tensor that is not where the index has it, or is there twice. */
export async function readSharded(
  index: ByteSource,
  files: readonly ByteSource[],
  read: (source: ByteSource, part: number) => Promise<Weights>,
): Promise<Weights> {
  const shardOf = await readShardIndex(index);
  const names = [...new Set(shardOf.values())].sort();
  const parts = names.map((name) => {
    const found = files.find((file) => file.name === name);
    if (found) return found;
    throw new ImportError('missing', { file: index.name, where: name }, `the shard ${name} is missing.`);
  });
  const shards: Weights[] = [];
  for (const [part, source] of parts.entries()) shards.push(await read(source, part));
  const tensors = new Map<string, TensorEntry>();
  for (const entry of shards.flatMap((shard) => [...shard.tensors.values()])) {
    const other = tensors.get(entry.name);
    if (other) refuseTwice(index.name, entry, other);
    tensors.set(entry.name, entry);
  }
  for (const entry of tensors.values()) checkPlace(index.name, entry, shardOf.get(entry.name));
  for (const [tensor, shard] of shardOf) {
    if (tensors.has(tensor)) continue;
    const sentence = `tensor ${quote(tensor)} is not in ${shard}, where the index has it.`;
    throw new ImportError('missing', { file: index.name, where: tensor, value: shard }, sentence);
  }
  return { file: index.name, parts, tensors, checks: shards.flatMap(({ checks }) => checks) };
}

function refuseTwice(file: string, { name, source }: TensorEntry, other: TensorEntry): never {
  const sentence = `tensor ${quote(name)} is in two shards, ${other.source.name} and ${source.name}.`;
  throw new ImportError('duplicate', { file, where: name, value: source.name }, sentence);
}

function checkPlace(file: string, { name, source }: TensorEntry, expected: string | undefined): void {
  if (source.name === expected) return;
  const place = { file, where: name, value: source.name, ...(expected && { limit: expected }) };
  const said = expected === undefined ? 'does not name it' : `has it in ${expected}`;
  throw new ImportError(
    'bad-value',
    place,
    `tensor ${quote(name)} is in ${source.name}, but the index ${said}.`,
  );
}
