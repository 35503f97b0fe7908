/** Checkpoints in several safetensors files. */
import { describe, expect, it } from 'vitest';
import { memorySource, type ByteSource } from '@web/import/bytes.ts';
import type { Checkpoint } from '@web/import/import-plan.ts';
import {
  convert,
  jsonBytes,
  MemoryTarget,
  numbered,
  packTensors,
  planTiny,
  refusal,
  tinyFiles,
  TINY_SHAPES,
  type JsonRecord,
  type JsonValue,
} from './import-helpers.ts';

const INDEX = 'model.safetensors.index.json';
const shardName = (number: number): string => `model-0000${number}-of-00003.safetensors`;
const NAMES = Object.keys(TINY_SHAPES);
const MAP: JsonRecord = Object.fromEntries(NAMES.map((name, i) => [name, shardName((i % 3) + 1)]));

/** The tiny model with every third tensor in a shard; `changes` are made to the index, `more` tensors go into shard 1. */
function sharded(changes: JsonRecord = {}, more: readonly string[] = []): ByteSource[] {
  const tensors = numbered(TINY_SHAPES);
  const shards = [1, 2, 3].map((number) => {
    const own = [...tensors].filter(
      ([name]) => MAP[name] === shardName(number) || (number === 1 && more.includes(name)),
    );
    return memorySource(shardName(number), packTensors(new Map(own)));
  });
  return [...withoutWeights(), ...shards, index({ weight_map: { ...MAP, ...changes } })];
}

const index = (value: JsonValue): ByteSource => memorySource(INDEX, jsonBytes(value));
const withoutWeights = (): ByteSource[] => tinyFiles().filter(({ name }) => name !== 'model.safetensors');
const without = (files: readonly ByteSource[], name: string): ByteSource[] =>
  files.filter((file) => file.name !== name);

describe('safetensors in shards', () => {
  it('give the same model as one, and the same file whatever the order in which the files are given', async () => {
    const whole = await convert(tinyFiles(), { type: 'q8_0' });
    const [one, other] = await Promise.all(
      [sharded(), sharded().reverse()].map((files) => convert(files, { type: 'q8_0' })),
    );
    expect(one?.gguf).toEqual(whole.gguf);
    expect(other?.bytes).toEqual(one?.bytes);
    for (const made of [one, other])
      expect(made?.plan.parts.map(({ name }) => name)).toEqual([1, 2, 3].map(shardName));
  });

  it('go on from every checkpoint', async () => {
    const whole = await convert(sharded());
    const seen: { at: Checkpoint; kept: MemoryTarget }[] = [];
    const target = new MemoryTarget(new Uint8Array(whole.plan.size));
    await whole.plan.run(target, {
      onCheckpoint: (at) => void seen.push({ at, kept: new MemoryTarget(target.bytes.slice(), target.end) }),
    });
    expect(new Set(seen.map(({ at }) => at.part))).toEqual(new Set([0, 1, 2]));
    for (const { at, kept } of seen) {
      const read = [0, 0, 0];
      const onRead = (part: number, { length }: Uint8Array): void => {
        read[part] = (read[part] ?? 0) + length;
      };
      await whole.plan.run(kept, { from: at, onRead });
      expect(Buffer.compare(kept.bytes, whole.bytes)).toBe(0);
      const left = whole.plan.parts.map(({ size }, part) =>
        part < at.part ? 0 : part > at.part ? size : size - at.offset,
      );
      expect(read).toEqual(left);
    }
  });

  it('a single file under another name is taken too', async () => {
    const files = tinyFiles().map((file) =>
      file.name.endsWith('safetensors') ? { ...file, name: 'other.safetensors' } : file,
    );
    expect(Buffer.compare((await convert(files)).bytes, (await convert(tinyFiles())).bytes)).toBe(0);
  });

  const first = NAMES[0] ?? '';
  it.each([
    [
      'a missing shard',
      without(sharded(), shardName(2)),
      'missing',
      /the shard model-00002-of-00003\.safetensors is missing/,
    ],
    [
      'a path upwards',
      sharded({ [first]: '../model-00001-of-00003.safetensors' }),
      'bad-value',
      /"\.\.\/model.*not paths/,
    ],
    ['a path inwards', sharded({ [first]: 'a/b.safetensors' }), 'bad-value', /"a\/b\.safetensors"/],
    ['a Windows path', sharded({ [first]: 'a\\b.safetensors' }), 'bad-value', /not paths/],
    ['an absolute path', sharded({ [first]: '/etc/passwd' }), 'bad-value', /"\/etc\/passwd"/],
    ['an absolute URL', sharded({ [first]: 'https://example.org/x.safetensors' }), 'bad-value', /addresses/],
    ['the folder itself', sharded({ [first]: '..' }), 'bad-value', /"\.\."/],
    ['a shard that is no text', sharded({ [first]: 3 }), 'bad-type', /is 3, not a file's name/],
    [
      'a tensor in two shards',
      sharded({}, ['wpe.weight']),
      'duplicate',
      /"wpe\.weight" is in two shards, model-00001.*and model-00002/,
    ],
    [
      'a tensor in another shard',
      sharded({ [first]: shardName(2) }),
      'bad-value',
      /"wte\.weight" is in model-00001.*has it in model-00002/,
    ],
    [
      'a tensor that is nowhere',
      sharded({ 'h.9.x': shardName(1) }),
      'missing',
      /"h\.9\.x" is not in model-00001/,
    ],
    [
      'a tensor without a place',
      sharded({}, []).map((f) => (f.name === INDEX ? index({ weight_map: { ...MAP, [first]: null } }) : f)),
      'bad-type',
      /null/,
    ],
    ['no map', [...without(sharded(), INDEX), index({})], 'bad-type', /"weight_map" is null/],
    ['an empty map', [...without(sharded(), INDEX), index({ weight_map: {} })], 'bad-type', /empty/],
    [
      'an index that is an array',
      [...without(sharded(), INDEX), index([])],
      'bad-type',
      /an object is expected/,
    ],
    [
      'an empty index',
      [...without(sharded(), INDEX), memorySource(INDEX, new Uint8Array())],
      'empty',
      /empty/,
    ],
    [
      'a shard cut short',
      sharded().map((f) => (f.name === shardName(3) ? memorySource(f.name, new Uint8Array(5)) : f)),
      'truncated',
      /^model-00003.*5 bytes/,
    ],
  ])('%s is refused', async (_, files, code, sentence) => {
    const error = await refusal(() => planTiny(files));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch(/^model.*\.$/);
  });

  it('a tensor that the index does not name is refused', async () => {
    const map = Object.fromEntries(Object.entries(MAP).slice(1));
    const files = sharded().map((file) => (file.name === INDEX ? index({ weight_map: map }) : file));
    const error = await refusal(() => planTiny(files));
    expect(error).toMatchObject({ code: 'bad-value', where: first });
    expect(error.message).toMatch(/the index does not name it/);
  });
});
