/**
 * Our GGUF against the one that the Python package gguf wrote from the same weights (tests/golden): every tensor byte
 * for byte in every type, and the metadata.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StoredType } from '@web/import/quantise.ts';
import { convert, readGguf } from './import-helpers.ts';
import { FAMILIES, fixture, fixtureFolder } from './support/fixtures.ts';

const TYPES: readonly StoredType[] = ['f32', 'f16', 'q8_0'];
const CASES = FAMILIES.flatMap((folder) =>
  TYPES.filter((type) => existsSync(fixture(`${folder}-${type}.gguf`))).map(
    (type) => [folder, type] as const,
  ),
);

/** Keys that only one of the two writes, and that add nothing to what a model is. */
const OURS_ALONE = [
  'general.type',
  'general.quantization_version',
  'gptneox.rope.freq_base',
  'phi2.rope.freq_base',
  'qwen2.rope.dimension_count',
  'tokenizer.ggml.padding_token_id',
  'tokenizer.ggml.unknown_token_id',
];

describe('the independent GGUF files', () => {
  it('are there for each architecture', () => {
    expect(new Set(CASES.map(([folder]) => folder))).toEqual(new Set(FAMILIES));
  });

  it.each(CASES)('%s as %s', async (folder, type) => {
    const theirs = readGguf(readFileSync(fixture(`${folder}-${type}.gguf`)));
    const ours = (
      await convert(fixtureFolder(folder), { type, name: String(theirs.metadata.get('general.name')) })
    ).gguf;

    expect(new Set(ours.tensors.keys())).toEqual(new Set(theirs.tensors.keys()));
    for (const [name, { type: stored, dims, data }] of theirs.tensors) {
      const tensor = ours.tensors.get(name);
      expect({ stored: tensor?.type, dims: tensor?.dims }, name).toEqual({ stored, dims });
      expect(Buffer.compare(tensor?.data ?? Buffer.of(), data), name).toBe(0);
    }

    const shared = [...ours.metadata].filter(
      ([key]) => theirs.metadata.has(key) || !OURS_ALONE.includes(key),
    );
    expect(new Map(shared)).toEqual(theirs.metadata);
  });
});
