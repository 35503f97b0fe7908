/** GGUF files as a source: one is copied, shards become one. */
import { beforeAll, describe, expect, it } from 'vitest';
import { memorySource, type ByteSource } from '@web/import/bytes.ts';
import { readGgufHeader, type GgufHeader } from '@web/import/gguf-reader.ts';
import { encodeHeader } from '@web/import/gguf-writer.ts';
import type { Checkpoint } from '@web/import/import-plan.ts';
import {
  chunked,
  convert,
  jsonBytes,
  MemoryTarget,
  planTiny,
  refusal,
  tinyFiles,
  utf8,
} from './import-helpers.ts';
import { numberEntry } from '../hub/shards.ts';

let whole: Uint8Array<ArrayBuffer>;
let header: GgufHeader;
beforeAll(async () => {
  whole = (await convert(tinyFiles(), { type: 'q8_0', name: 'Model' })).bytes;
  header = await readGgufHeader(memorySource('model.gguf', whole));
});

const COUNT = 3;
const shardName = (index: number, count = COUNT): string => `model-0000${index + 1}-of-0000${count}.gguf`;

interface Changes {
  readonly no?: number;
  readonly count?: number;
  readonly tensors?: number;
  /** Tensors from here on, of all. */
  readonly from?: number;
  readonly alignment?: number;
  readonly cut?: number;
}

/** Shard `index` as llama.cpp's gguf-split writes it: the first has all of the metadata. */
function shard(index: number, changes: Changes = {}): ByteSource {
  const all = header.tensors;
  const starts = [0, 5, 11, all.length];
  const from = changes.from ?? starts[index] ?? 0;
  const own = all.slice(from, starts[index + 1]);
  const begin = own[0]?.offset ?? 0;
  const next = all[starts[index + 1] ?? 0]?.offset ?? whole.length - header.bytes.length;
  const keys = [
    ...(index === 0 ? [...header.keys.values()].map(({ bytes }) => bytes) : []),
    numberEntry('split.no', 2, changes.no ?? index),
    numberEntry('split.count', 2, changes.count ?? COUNT),
    numberEntry('split.tensors.count', 5, changes.tensors ?? all.length),
    ...(changes.alignment === undefined ? [] : [numberEntry('general.alignment', 5, changes.alignment)]),
  ];
  const table = own.map((tensor) => ({ ...tensor, offset: tensor.offset - begin }));
  const head = encodeHeader(
    { count: keys.length, bytes: Buffer.concat(keys) },
    table,
    changes.alignment ?? 32,
  );
  const data = whole.subarray(header.bytes.length + begin, header.bytes.length + next);
  const bytes = Buffer.concat([head, data]);
  return memorySource(shardName(index), new Uint8Array(bytes.subarray(0, bytes.length - (changes.cut ?? 0))));
}

const shards = (changed = -1, changes: Changes = {}): ByteSource[] =>
  [0, 1, 2].map((index) => shard(index, index === changed ? changes : {}));

describe('one .gguf', () => {
  it('is copied, whatever its name, and says what it is', async () => {
    for (const name of ['model.gguf', 'blob']) {
      const { bytes, plan, notes } = await convert([chunked(memorySource(name, whole), 7, 1000)], {
        name: 'other',
      });
      expect(Buffer.compare(bytes, whole)).toBe(0);
      expect(plan).toMatchObject({ name: 'Model', architecture: 'gpt2', tensors: 16, parameters: 8960 });
      expect(Buffer.compare(plan.header, header.bytes)).toBe(0);
      expect(notes).toEqual([]);
    }
  });

  it('lies beside a config without weights, but does not take the place of weights', async () => {
    const gguf = memorySource('model.gguf', whole);
    const config = memorySource('config.json', jsonBytes({}));
    expect((await planTiny([config, gguf])).parts).toEqual([gguf]);
    expect((await planTiny([gguf, ...tinyFiles()])).parts[0]?.name).toBe('model.safetensors');
  });

  it('is refused at every truncation of its header', async () => {
    for (let length = 0; length < header.bytes.length - 31; length++) {
      const work = planTiny([memorySource('model.gguf', whole.slice(0, length))]);
      await expect(work, `${length} bytes`).rejects.toThrow('model.gguf: ');
    }
  });

  const changed = (at: number, ...bytes: number[]): Uint8Array => {
    const file = whole.slice();
    file.set(bytes, at);
    return file;
  };
  it.each([
    ['empty', () => new Uint8Array(), 'empty', /the file is empty/],
    ['a web page', () => utf8('<!doctype html>...'), 'not-a-model', /web page/],
    ['a Git LFS pointer', () => utf8('version https://git-lfs'), 'not-a-model', /Git LFS/],
    ['another magic', () => changed(0, 0x58), 'not-a-model', /does not begin with "GGUF"/],
    ['version 1', () => changed(4, 1), 'unsupported', /version is 1/],
    ['version 4', () => changed(4, 4), 'unsupported', /version is 4/],
    ['big-endian', () => changed(4, 0, 0, 0, 3), 'unsupported', /version is 50331648/],
    ['2^63 tensors', () => changed(15, 0x80), 'truncated', /tensors are announced/],
    ['2^63 keys', () => changed(23, 0x80), 'truncated', /metadata keys are announced/],
    ['a key of 2^63 bytes', () => changed(31, 0x80), 'truncated', /bytes of a key/],
    ['a value type of 13', () => changed(32 + 20, 13), 'bad-type', /value type 13/],
    ['a name that is not UTF-8', () => changed(32, 0xff), 'bad-encoding', /not valid UTF-8/],
  ])('%s', async (_, make, code, sentence) => {
    const error = await refusal(() => planTiny([memorySource('model.gguf', make())]));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
  });
});

describe('shards', () => {
  it('become the file that they were, in any order and chunks', async () => {
    const files = shards().map((file) => chunked(file, 1, 333));
    for (const order of [files, files.toReversed()]) {
      const { bytes, plan } = await convert(order);
      expect(Buffer.compare(bytes, whole)).toBe(0);
      expect(plan.parts.map(({ name }) => name)).toEqual([0, 1, 2].map((index) => shardName(index)));
    }
  });

  it('go on from every checkpoint', async () => {
    const plan = await planTiny(shards());
    const seen: { at: Checkpoint; kept: MemoryTarget }[] = [];
    const target = new MemoryTarget(new Uint8Array(plan.size));
    await plan.run(target, {
      onCheckpoint: (at) => void seen.push({ at, kept: new MemoryTarget(target.bytes.slice(), target.end) }),
    });
    for (const { at, kept } of seen) {
      await plan.run(kept, { from: at });
      expect(Buffer.compare(kept.bytes, whole)).toBe(0);
    }
  });

  it('that lack what would pad them have zeros behind them', async () => {
    const cut = 5;
    const { bytes } = await convert(shards(0, { cut }));
    const end = header.bytes.length + (header.tensors[5]?.offset ?? 0);
    const expected = whole.slice().fill(0, end - cut, end);
    expect(Buffer.compare(expected, whole)).not.toBe(0);
    expect(Buffer.compare(bytes, expected)).toBe(0);
  });

  it.each([
    [
      'a missing one',
      () => [shard(0), shard(2)],
      'missing',
      /the shard model-00002-of-00003\.gguf is missing/,
    ],
    ['only the last', () => [shard(2)], 'missing', /model-00001-of-00003/],
    [
      'one of another model',
      () => [...shards(), { ...shard(0), name: 'x-00001-of-00003.gguf' }],
      'bad-argument',
      /"x-00001-of-00003\.gguf" is no shard/,
    ],
    [
      'two models',
      () => ['a.gguf', 'b.gguf'].map((name) => memorySource(name, whole)),
      'bad-argument',
      /a\.gguf, b\.gguf/,
    ],
    ['a wrong split.no', () => shards(1, { no: 2 }), 'bad-value', /"split\.no" is 2; it must be 1/],
    ['a wrong split.count', () => shards(1, { count: 4 }), 'bad-value', /"split\.count" is 4; it must be 3/],
    [
      'a wrong split.tensors.count',
      () => shards(0, { tensors: 17 }),
      'bad-value',
      /"split\.tensors\.count" is 17; it must be 16/,
    ],
    [
      'no split keys',
      () => [memorySource(shardName(0), whole), shard(1), shard(2)],
      'missing',
      /"split\.no" is missing/,
    ],
    ['a tensor in two', () => shards(1, { from: 4, tensors: 17 }), 'bad-value', /split\.tensors\.count/],
    [
      'another alignment',
      () => shards(2, { alignment: 64 }),
      'bad-value',
      /"general\.alignment" is 64; it must be 32/,
    ],
    ['an alignment of 13', () => shards(2, { alignment: 13 }), 'bad-value', /13; it must be a power of two/],
    ['data cut off', () => shards(2, { cut: 130 }), 'truncated', /begins at byte \d+ of the data, but only/],
  ])('%s', async (_, make, code, sentence) => {
    const error = await refusal(() => planTiny(make()));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
  });

  it('a tensor in two of them, by name', async () => {
    const all = { tensors: 17 };
    const files = [shard(0, all), shard(1, { ...all, from: 4 }), shard(2, all)];
    const error = await refusal(() => planTiny(files));
    expect(error).toMatchObject({ code: 'duplicate', where: header.tensors[4]?.name, file: shardName(1) });
    expect(error.message).toMatch(/is in two shards, here and in model-00001/);
  });
});
