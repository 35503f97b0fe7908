/**
 * What the test hub serves: repositories made at start from the golden fixtures, and one of some megabytes with random
 * weights, large enough that a download can be stopped half-way. The same bytes on every machine.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fillRandom, streamKey } from '../../bench/weights.ts';
import { inTwo } from './shards.ts';

export interface HubFile {
  readonly bytes: Buffer;
  /** Kept by Git LFS, so that its SHA-256 is known and a CDN serves it. */
  readonly lfs: boolean;
}

export interface Repository {
  readonly id: string;
  /** The commit that every branch and reference of the repository names. */
  readonly commit: string;
  readonly gated: false | 'manual';
  readonly licence: string;
  readonly files: ReadonlyMap<string, HubFile>;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const pathOf = (path: string): string =>
  fileURLToPath(new URL(`../../golden/fixtures/${path}`, import.meta.url));
const fixture = (path: string): Buffer => readFileSync(pathOf(path));

function repository(
  id: string,
  files: Readonly<Record<string, Buffer>>,
  more: Partial<Pick<Repository, 'gated' | 'licence'>> = {},
): Repository {
  const hashed = Object.entries(files).map(([name, bytes]) => `${name} ${sha256(bytes)}`);
  const isLarge = (name: string): boolean => /\.(?:safetensors|gguf|bin)$/.test(name);
  return {
    id,
    commit: createHash('sha1').update(hashed.join('\n')).digest('hex'),
    gated: false,
    licence: 'mit',
    ...more,
    files: new Map(Object.entries(files).map(([name, bytes]) => [name, { bytes, lfs: isLarge(name) }])),
  };
}

function folder(name: string): Record<string, Buffer> {
  const files = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
  return Object.fromEntries(files.map((file) => [file, fixture(`${name}/${file}`)]));
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A safetensors file of tensors that lie one behind the other. */
function packSafetensors(tensors: ReadonlyMap<string, Entry>): Buffer {
  let end = 0;
  const header = Object.fromEntries(
    [...tensors].map(([name, { dtype, shape, data }]) => {
      const begin = end;
      end += data.length;
      return [name, { dtype, shape, data_offsets: [begin, end] }];
    }),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...[...tensors.values()].map(({ data }) => data)]);
}

function unpackSafetensors(file: Buffer): Map<string, Entry> {
  const start = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return new Map(
    entries.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => [name, { dtype, shape, data: file.subarray(start + from, start + to) }],
    ),
  );
}

/** The same checkpoint in `count` files with an index. */
function sharded(files: Record<string, Buffer>, count: number): Record<string, Buffer> {
  const { 'model.safetensors': whole, ...rest } = files;
  if (whole === undefined) throw new Error('there is no model.safetensors to split');
  const tensors = [...unpackSafetensors(whole)];
  const perShard = Math.ceil(tensors.length / count);
  const map: Record<string, string> = {};
  for (let shard = 0; shard < count; shard++) {
    const name = `model-${String(shard + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.safetensors`;
    const mine = tensors.slice(shard * perShard, (shard + 1) * perShard);
    rest[name] = packSafetensors(new Map(mine));
    for (const [tensor] of mine) map[tensor] = name;
  }
  const size = tensors.reduce((sum, [, { data }]) => sum + data.length, 0);
  const index = { metadata: { total_size: size }, weight_map: map };
  return { ...rest, 'model.safetensors.index.json': Buffer.from(JSON.stringify(index)) };
}

/** GPT-2 of the fixture's vocabulary, wider and deeper: about 13 MB of float32. */
function medium(): Record<string, Buffer> {
  const files = folder('gpt2');
  const width = 256;
  const [layers, positions, inner] = [4, 128, 4 * width];
  const config = JSON.parse(String(files['config.json'])) as Record<string, unknown> & { vocab_size: number };
  const shapes = new Map<string, number[]>([
    ['wte.weight', [config.vocab_size, width]],
    ['wpe.weight', [positions, width]],
  ]);
  const affine = (name: string, rows: number, columns: number): void => {
    shapes.set(`${name}.weight`, [rows, columns]).set(`${name}.bias`, [columns]);
  };
  const norm = (name: string): void => {
    shapes.set(`${name}.weight`, [width]).set(`${name}.bias`, [width]);
  };
  for (let layer = 0; layer < layers; layer++) {
    norm(`h.${layer}.ln_1`);
    affine(`h.${layer}.attn.c_attn`, width, 3 * width);
    affine(`h.${layer}.attn.c_proj`, width, width);
    norm(`h.${layer}.ln_2`);
    affine(`h.${layer}.mlp.c_fc`, width, inner);
    affine(`h.${layer}.mlp.c_proj`, inner, width);
  }
  norm('ln_f');
  const tensors = [...shapes].map(([name, shape], index) => {
    const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
    const mean = /ln_.*\.weight$/.test(name) ? 1 : 0;
    fillRandom(values, streamKey(1, index), 0, mean, 0.02);
    return [name, { dtype: 'F32', shape, data: new Uint8Array(values.buffer) }] as const;
  });
  const changed = { ...config, n_embd: width, n_layer: layers, n_positions: positions, n_inner: inner };
  return {
    ...files,
    'config.json': Buffer.from(JSON.stringify(changed)),
    'model.safetensors': packSafetensors(new Map(tensors)),
  };
}

/** The names say what each is for. */
export async function makeRepositories(): Promise<Map<string, Repository>> {
  const shards = await inTwo(pathOf('gptneox-q8_0.gguf'));
  const all = [
    repository('test/gpt2', folder('gpt2')),
    repository('test/gptneox', folder('gptneox'), { licence: 'apache-2.0' }),
    repository('test/opt', folder('opt'), { licence: 'other' }),
    repository('test/llama', folder('llama')),
    repository('test/sharded', sharded(folder('gptneox'), 3)),
    repository('test/medium', medium()),
    repository('test/medium-sharded', sharded(medium(), 2)),
    repository('test/gated', folder('llama'), { gated: 'manual', licence: 'llama3.2' }),
    repository('test/gguf', {
      'gpt2-q8_0.gguf': fixture('gpt2-q8_0.gguf'),
      'gpt2-f16.gguf': fixture('gpt2-f16.gguf'),
    }),
    repository('test/one-gguf', { 'model.gguf': fixture('gptneox-q8_0.gguf') }),
    repository('test/gguf-shards', Object.fromEntries(shards.map(({ name, buffer }) => [name, buffer]))),
    repository('test/bin', {
      'config.json': fixture('opt/config.json'),
      'tokenizer.json': fixture('opt/tokenizer.json'),
      'pytorch_model.bin': fixture('torch/opt.bin'),
    }),
    repository('test/empty', { 'README.md': Buffer.from('# nothing\n') }),
    // What the Hub answers for the ids of the time before owners.
    repository('gpt2', folder('gpt2')),
  ];
  return new Map(all.map((one) => [one.id, one]));
}
