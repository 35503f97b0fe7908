/** Files at any address: a .gguf with its shards, or safetensors beside their config.json and tokenizer.json. */
import { EngineError } from '../engine/protocol.ts';
import { readWhole, type ByteSource } from '../import/bytes.ts';
import { quote } from '../import/errors.ts';
import type { Access } from './access.ts';
import { RemoteFile } from './remote.ts';

const INDEX_LIMIT = 16 << 20;
const MOST_SHARDS = 99;
const WEIGHTS = /\.(?:gguf|safetensors|safetensors\.index\.json)$/i;

export async function openAddress(access: Access, url: string): Promise<RemoteFile[]> {
  const { host, pathname, username, password } = new URL(url);
  const name = decodeURIComponent(pathname.split('/').at(-1) ?? '');
  if (username !== '' || password !== '')
    throw new EngineError('bad-reference', `This address of ${host} holds a password; give one without.`);
  if (!WEIGHTS.test(name))
    throw new EngineError(
      'bad-reference',
      `${quote(`${host}${pathname}`)} is not a model: the address must be that of a .gguf, .safetensors or .safetensors.index.json file.`,
    );
  const shards = shardNames(name);
  if (/\.gguf$/i.test(name)) {
    if (shards === null) return [await RemoteFile.open(access, url, name)];
    return openAll(access, url, shards);
  }
  const besides = await openAll(access, url, ['config.json']);
  // What the weights and the tokenizer are made of differs; the importer says what is missing.
  for (const name of ['tokenizer.json', 'vocab.json', 'merges.txt', 'tokenizer_config.json'])
    besides.push(...(await openAll(access, url, [name]).catch(ignoreMissing)));
  const weights = await openWeights(access, url, name, shards);
  return [...besides, ...weights];
}

async function openWeights(
  access: Access,
  url: string,
  name: string,
  shards: readonly string[] | null,
): Promise<RemoteFile[]> {
  if (name.endsWith('.safetensors') && shards === null) return [await RemoteFile.open(access, url, name)];
  const indexName =
    shards === null ? name : name.replace(/-\d{5}-of-\d{5}\.safetensors$/, '.safetensors.index.json');
  const [index] = await openAll(access, url, [indexName]);
  if (index === undefined) return [];
  return [index, ...(await openAll(access, url, await indexedNames(index)))];
}

/** The files that an index names and that lie beside it; the importer refuses all other names. */
async function indexedNames(index: ByteSource): Promise<string[]> {
  const text = new TextDecoder().decode(await readWhole(index, INDEX_LIMIT));
  const names = Object.values(readMap(text)).filter(
    (name): name is string => typeof name === 'string' && /^[\w.-]+\.safetensors$/.test(name),
  );
  return [...new Set(names)].slice(0, MOST_SHARDS);
}

/** An index that cannot be read is the importer's to refuse. */
function readMap(text: string): object {
  try {
    const { weight_map: map } = JSON.parse(text) as { weight_map?: unknown };
    return typeof map === 'object' && map !== null ? map : {};
  } catch {
    return {};
  }
}

/** All names of a series, when this is one of it. */
function shardNames(name: string): string[] | null {
  const match = /^(.*-)\d{5}-of-(\d{5})(\.\w+)$/.exec(name);
  if (match === null) return null;
  const [, stem = '', count = '', end = ''] = match;
  if (Number(count) > MOST_SHARDS) return null;
  return Array.from(
    { length: Number(count) },
    (_, index) => `${stem}${String(index + 1).padStart(5, '0')}-of-${count}${end}`,
  );
}

async function openAll(access: Access, beside: string, names: readonly string[]): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  for (const name of names)
    files.push(await RemoteFile.open(access, new URL(encodeURIComponent(name), beside).href, name));
  return files;
}

function ignoreMissing(error: unknown): [] {
  if (error instanceof EngineError && error.status === 'not-found') return [];
  throw error;
}
