/** models/catalogue.json says what the page and the download rely on. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ARCHITECTURES } from '@web/import/arch/index.ts';
import { readReference } from '@web/state/reference.ts';
import catalogue from '../../../models/catalogue.json' with { type: 'json' };

const COMMIT = /^[0-9a-f]{40}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const { models, hub, sources } = catalogue;
const known = new Set(ARCHITECTURES.map(({ name }) => name));

describe('the catalogue', () => {
  it('has one entry for each id', () => {
    const ids = [...models, ...hub].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(hub).toHaveLength(9);
  });

  it.each(models.map((model) => [model.id, model] as const))('%s ships as it is described', (_, model) => {
    const bytes = readFileSync(new URL(`../../../models/${model.file}`, import.meta.url));
    expect(bytes.length).toBe(model.bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(model.sha256);
  });

  it.each(hub.map((model) => [model.id, model] as const))('%s', (_, model) => {
    expect(known).toContain(model.arch);
    expect(model.width % model.heads).toBe(0);
    for (const count of [model.layers, model.vocab, model.parameters, model.context])
      expect(Number.isSafeInteger(count) && count > 0).toBe(true);
    // No model has fewer weights than its embedding.
    expect(model.parameters).toBeGreaterThan(model.vocab * model.width);
    expect(model.licence).not.toBe('');
    for (const { source, value } of model.published) {
      expect(sources).toHaveProperty(source);
      expect(Number.isFinite(value)).toBe(true);
    }
  });

  it.each(hub.flatMap(({ hub: own, mirror }) => [own, ...(mirror === null ? [] : [mirror])]))(
    '$id is pinned',
    ({ id, revision, files }) => {
      const { reference } = readReference(`${id}@${revision}`, 'https://huggingface.co') as {
        reference?: unknown;
      };
      expect(reference).toEqual({ kind: 'hub', id, revision, file: null });
      expect(revision).toMatch(COMMIT);
      expect(files.length).toBeGreaterThan(0);
      for (const { name, bytes, sha256 } of files) {
        expect(name).toMatch(/\.(?:safetensors|bin)$/);
        if (bytes !== null) expect(Number.isSafeInteger(bytes)).toBe(true);
        if (sha256 !== null) expect(sha256).toMatch(SHA256);
      }
    },
  );

  it('says which model may not be used for everything, and where a gated one is to be had', () => {
    expect(hub.find(({ id }) => id === 'opt-125m')?.restriction).toMatch(/non-commercial research/);
    for (const { hub: own, mirror } of hub) if (own.gated) expect(mirror?.by).toBeTruthy();
  });
});
