/**
 * Whatever a model is made of, its GGUF is written from the first byte to the last, and a run that goes on begins where its
 * checkpoint's output ended.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { memorySource, type ByteSource } from '@web/import/bytes.ts';
import type { Checkpoint } from '@web/import/import-plan.ts';
import { makeRepositories } from '../hub/repositories.ts';
import {
  jsonBytes,
  MemoryTarget,
  planTiny,
  tinyFiles,
  TINY_SHAPES,
  type JsonRecord,
} from './import-helpers.ts';
import { tiedFile } from './import-torch-helpers.ts';
import { FAMILIES, fixture, fixtureFile, fixtureFolder } from './support/fixtures.ts';

const withoutWeights = (config = {}): ByteSource[] =>
  tinyFiles({ config }).filter(({ name }) => name !== 'model.safetensors');

const repositories = await makeRepositories();

function repository(id: string): ByteSource[] {
  const files = [...(repositories.get(id)?.files ?? [])];
  return files.map(([name, { bytes }]) => memorySource(name, new Uint8Array(bytes)));
}

/** Llama 3 with half as many rotary frequencies, 16 bytes of them. */
function halfTurned(): ByteSource[] {
  const config = JSON.parse(readFileSync(fixture('llama3/config.json'), 'utf8')) as JsonRecord;
  const changed = jsonBytes({ ...config, partial_rotary_factor: 0.5 });
  return fixtureFolder('llama3').map((one) =>
    one.name === 'config.json' ? memorySource(one.name, changed) : one,
  );
}

function torchShards(): ByteSource[] {
  const names = [1, 2].map((number) => `pytorch_model-0000${number}-of-00002.bin`);
  const map = Object.fromEntries(Object.keys(TINY_SHAPES).map((name, i) => [name, names[i % 2] ?? '']));
  return [
    ...withoutWeights(),
    ...names.map((name, i) => fixtureFile(`torch/tiny-${i + 1}.bin`, name)),
    memorySource('pytorch_model.bin.index.json', jsonBytes({ weight_map: map })),
  ];
}

const CASES: readonly (readonly [string, () => ByteSource[]])[] = [
  ...FAMILIES.map((family): [string, () => ByteSource[]] => [
    `safetensors of ${family}`,
    () => fixtureFolder(family),
  ]),
  ['safetensors and a constant that has to be padded', halfTurned],
  ['safetensors in shards', () => repository('test/sharded')],
  ['a PyTorch file', () => repository('test/bin')],
  ['PyTorch files in shards', torchShards],
  [
    'a PyTorch file with two tensors on the same bytes',
    () => [...withoutWeights({ tie_word_embeddings: false }), memorySource('pytorch_model.bin', tiedFile())],
  ],
  ['a GGUF', () => repository('test/one-gguf')],
  ['a GGUF in shards', () => repository('test/gguf-shards')],
];

describe('the GGUF is written in order', () => {
  it.each(CASES)('from %s', async (_, files) => {
    const plan = await planTiny(files(), { type: 'q8_0' });
    const whole = new MemoryTarget(new Uint8Array(plan.size));
    const seen: { from: Checkpoint; end: number }[] = [];
    await plan.run(whole, {
      onCheckpoint: (at) =>
        void seen.push({ from: JSON.parse(JSON.stringify(at)) as Checkpoint, end: whole.end }),
    });
    expect(whole.end).toBe(plan.size);
    expect(seen.length).toBeGreaterThan(0);
    for (const { from, end } of seen) {
      const rest = new MemoryTarget(whole.bytes.slice().fill(0xa5, end), end);
      await plan.run(rest, { from });
      expect(rest.end).toBe(plan.size);
      expect(Buffer.compare(rest.bytes, whole.bytes), `from ${end}`).toBe(0);
    }
  });
});
