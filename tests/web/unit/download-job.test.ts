/** Whole downloads from the test hub: what arrives is what an import of the same files from disk gives. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context, Downloads } from '@web/download/job.ts';
import type { Offer, Reference } from '@web/download/protocol.ts';
import { MemoryStore } from '@web/download/store-memory.ts';
import type { Store } from '@web/download/store.ts';
import { TestHub, TOKEN } from '../hub/hub.ts';
import { sha256 } from '../hub/repositories.ts';
import { context, fetchHalf, hashOf, imported, openDownloads, reference } from './support/downloads.ts';
import { FullStore } from './support/stores.ts';

let hub: TestHub;
let store: Store;
let downloads: Downloads;
beforeAll(async () => {
  hub = await TestHub.start();
});
beforeEach(() => {
  store = new MemoryStore();
  downloads = openDownloads(hub, store);
});
afterEach(() => {
  hub.reset();
});
afterAll(() => hub.stop());

const address = (id: string, name: string): Reference => ({
  kind: 'url',
  url: `${hub.endpoint}/${id}/resolve/main/${name}`,
});

function inspect(what: Reference | string, more: Partial<Context> = {}): Promise<Offer> {
  return downloads.inspect(typeof what === 'string' ? reference(what) : what, 'q8_0', context(more));
}

function flipLast(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return changed;
}

describe('a download', { timeout: 30_000 }, () => {
  it.each([
    ['test/gpt2', 'gpt2'],
    ['test/gptneox', 'gptneox'],
    ['test/sharded', 'three shards'],
    ['test/medium', 'several megabytes'],
    ['test/one-gguf', 'a GGUF'],
  ])('of %s (%s) is what an import from disk is', async (id) => {
    const offer = await inspect(id);
    const served = hub.seen.filter(({ origin, range }) => origin === 'cdn' && range === null);
    expect(served).toEqual([]);
    const steps: number[] = [];
    const fetched = await downloads.fetch(
      offer.key,
      context({ onStep: ({ done }) => void steps.push(done) }),
    );
    expect(await hashOf(fetched)).toBe(await imported(hub, id));
    expect(fetched.blob.size).toBe(offer.stored);
    expect(steps.at(-1)).toBe(offer.download);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('offers what a person must know before it', async () => {
    const offer = await inspect('test/medium');
    const weights =
      hub.repositories.get('test/medium')?.files.get('model.safetensors')?.bytes ?? Buffer.alloc(0);
    expect(offer).toMatchObject({ name: 'medium', licence: 'mit', have: 0, download: weights.length });
    expect(offer.from).toMatch(/^test\/medium at [0-9a-f]{7}$/);
    expect(offer.files).toEqual([
      { name: 'model.safetensors', bytes: weights.length, sha256: sha256(weights) },
    ]);
    expect(offer.key).toMatch(/^medium-q8-0-[0-9a-f]{12}$/);
    expect((await inspect('test/medium')).key).toBe(offer.key);
    expect((await downloads.inspect(reference('test/medium'), 'f16', context())).key).not.toBe(offer.key);
  });

  it('of one .gguf among several, of a gated model, of addresses and of files from disk', async () => {
    const one = await inspect(reference('test/gguf', 'gpt2-f16.gguf'));
    expect(await hashOf(await downloads.fetch(one.key, context()))).toBe(
      await imported(hub, 'test/gguf', { only: /f16/ }),
    );
    const gated = await inspect('test/gated', { token: TOKEN });
    const opened = await downloads.fetch(gated.key, context({ token: TOKEN }));
    expect(await hashOf(opened)).toBe(await imported(hub, 'test/gated'));
    expect(JSON.stringify([gated, await downloads.list()])).not.toContain(TOKEN);
    const byAddress = await inspect(address('test/one-gguf', 'model.gguf'));
    expect(await hashOf(await downloads.fetch(byAddress.key, context()))).toBe(
      await imported(hub, 'test/one-gguf'),
    );
    const files = [...(hub.repositories.get('test/gpt2')?.files ?? [])].map(
      ([name, { bytes }]) => new File([new Uint8Array(bytes)], name),
    );
    const local = await inspect({ kind: 'files', files, name: 'gpt2' });
    expect(await hashOf(await downloads.fetch(local.key, context()))).toBe(await imported(hub, 'test/gpt2'));
  });

  it('is in the store afterwards, with no need of the network', async () => {
    const { key } = await inspect('test/gpt2');
    const fetched = await downloads.fetch(key, context());
    const later = openDownloads(hub, store);
    expect((await later.list()).models).toMatchObject([
      { key, name: 'gpt2', licence: 'mit', reference: reference('test/gpt2') },
    ]);
    hub.seen.length = 0;
    expect(await hashOf(await later.take(key))).toBe(await hashOf(fetched));
    expect(hub.seen).toEqual([]);
    expect((await later.remove(key)).models).toEqual([]);
    await expect(later.take(key)).rejects.toMatchObject({ status: 'not-stored' });
  });

  it('refuses what was not looked up, and two at once of the same model', async () => {
    await expect(downloads.fetch('x', context())).rejects.toMatchObject({ status: 'not-offered' });
    const { key } = await inspect('test/medium');
    const first = downloads.fetch(key, context());
    await expect(downloads.fetch(key, context())).rejects.toMatchObject({ status: 'busy' });
    await expect(downloads.remove(key)).rejects.toMatchObject({ status: 'busy' });
    await first;
  });
});

describe('a download that was stopped', { timeout: 30_000 }, () => {
  it.each(['test/medium', 'test/medium-sharded'])(
    'of %s goes on where it stopped, after a reload',
    async (id) => {
      const offer = await inspect(id);
      await fetchHalf(downloads, offer);
      const [partial] = (await downloads.list()).partial;
      expect(partial).toMatchObject({ key: offer.key, reference: reference(id), total: offer.download });
      downloads = openDownloads(hub, store);
      const again = await inspect(id);
      expect(again).toMatchObject({ key: offer.key, have: partial?.done });
      expect(again.have).toBeGreaterThan(offer.download / 4);
      hub.seen.length = 0;
      const steps: number[] = [];
      const fetched = await downloads.fetch(
        offer.key,
        context({ onStep: ({ done }) => void steps.push(done) }),
      );
      expect(steps[0]).toBeGreaterThanOrEqual(again.have);
      expect(hub.seen.find(({ origin }) => origin === 'cdn')).toMatchObject({
        range: expect.stringMatching(/^bytes=\d{6,}-$/) as string,
      });
      expect(await hashOf(fetched)).toBe(await imported(hub, id));
      expect(await downloads.list()).toMatchObject({ partial: [], models: [{ key: offer.key }] });
    },
  );

  it('begins anew when the file is another one by then', async () => {
    const what = address('test/medium', 'model.safetensors');
    await fetchHalf(downloads, await inspect(what));
    hub.misbehave('model.safetensors', { changed: true });
    downloads = openDownloads(hub, store);
    const fetched = await downloads.fetch((await inspect(what)).key, context());
    expect(await hashOf(fetched)).toBe(
      await imported(hub, 'test/medium', { name: 'model', change: flipLast }),
    );
  });

  it('can be deleted', async () => {
    const offer = await inspect('test/medium');
    await fetchHalf(downloads, offer);
    expect((await downloads.remove(offer.key)).partial).toEqual([]);
    expect((await inspect('test/medium')).have).toBe(0);
  });
});

describe('what goes wrong on the way', { timeout: 30_000 }, () => {
  it('a connection that breaks off again and again', async () => {
    const { key } = await inspect('test/medium');
    hub.misbehave('model.safetensors', { cutAfter: 1_500_000 });
    expect(await hashOf(await downloads.fetch(key, context()))).toBe(await imported(hub, 'test/medium'));
  });

  it('a server that sends all of it where the rest was asked for', async () => {
    const offer = await inspect('test/medium');
    await fetchHalf(downloads, offer);
    hub.misbehave('model.safetensors', { noRange: true });
    expect(await hashOf(await downloads.fetch(offer.key, context()))).toBe(
      await imported(hub, 'test/medium'),
    );
  });

  it('a connection that is lost for good: what is there is kept', async () => {
    const offer = await inspect('test/medium');
    hub.misbehave('model.safetensors', { cutAt: 9_000_000 });
    await expect(downloads.fetch(offer.key, context())).rejects.toMatchObject({ status: 'cut-short' });
    expect((await inspect('test/medium')).have).toBeGreaterThan(7_000_000);
    hub.reset();
    expect(await hashOf(await downloads.fetch(offer.key, context()))).toBe(
      await imported(hub, 'test/medium'),
    );
  });

  it('bytes that are not those of the Hub: refused and deleted', async () => {
    const { key } = await inspect('test/medium');
    hub.misbehave('model.safetensors', { corruptAt: 6_000_000 });
    await expect(downloads.fetch(key, context())).rejects.toMatchObject({ status: 'hash-mismatch' });
    expect(await downloads.list()).toMatchObject({ models: [], partial: [] });
    hub.reset();
    expect(await hashOf(await downloads.fetch(key, context()))).toBe(await imported(hub, 'test/medium'));
  });

  it('a file that changes while it is fetched: begun anew, said so, never mixed', async () => {
    const { key } = await inspect(address('test/medium', 'model.safetensors'));
    hub.misbehave('model.safetensors', { changed: true });
    hub.misbehave('model.safetensors', { changed: false, cutAt: 6_000_000 }, 1);
    const fetched = await downloads.fetch(key, context());
    expect(fetched.notes[0]).toMatch(/changed on the server/);
    expect(await hashOf(fetched)).toBe(
      await imported(hub, 'test/medium', { name: 'model', change: flipLast }),
    );
  });

  it('a store that is full: the model works, and the person is told that it is not kept', async () => {
    store = new FullStore(2_000_000);
    downloads = openDownloads(hub, store);
    const { key } = await inspect('test/medium');
    const fetched = await downloads.fetch(key, context());
    expect(fetched.kept).toBe(false);
    expect(fetched.notes.at(-1)).toMatch(/no room left/);
    expect(await hashOf(fetched)).toBe(await imported(hub, 'test/medium'));
  });

  it('a repository without a model', async () => {
    await expect(inspect('test/empty')).rejects.toMatchObject({ name: 'ImportError', code: 'missing' });
  });
});
