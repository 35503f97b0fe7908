/** Whole downloads that go into the engine as well: the model is open when it is stored, or not at all. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Core, Model } from '@core';
import { Forward } from '@web/download/forward.ts';
import type { Downloads } from '@web/download/job.ts';
import type { Offer, Reference } from '@web/download/protocol.ts';
import { MemoryStore } from '@web/download/store-memory.ts';
import { Receiving } from '@web/engine/receive.ts';
import { TestHub } from '../hub/hub.ts';
import { TestBlob } from './support/blobs.ts';
import { loadCore } from './support/core.ts';
import { context, fetchHalf, hashOf, openDownloads, reference } from './support/downloads.ts';
import { FullStore } from './support/stores.ts';

let hub: TestHub;
let core: Core;
beforeAll(async () => {
  hub = await TestHub.start();
  core = await loadCore();
});
afterAll(() => hub.stop());

let downloads: Downloads;
let opened: Model[];
let receiving: Receiving;
let forward: Forward;
beforeEach(() => {
  downloads = openDownloads(hub, new MemoryStore());
  opened = [];
});
afterEach(() => {
  hub.reset();
  receiving.stop();
  for (const model of opened) model.close();
});

/** Looks a model up, and connects the engine for it. */
async function offered(what: Reference): Promise<Offer> {
  const offer = await downloads.inspect(what, 'q8_0', context());
  const { key, name, stored: size } = offer;
  const { port1: port, port2 } = new MessageChannel();
  const header = new TestBlob(offer.header) as unknown as Blob;
  receiving = new Receiving(core, { key, name, header, size, port }, (model) => void opened.push(model));
  forward = new Forward(port2);
  return offer;
}

describe('a download into the engine', { timeout: 30_000 }, () => {
  it.each(['test/gpt2', 'test/gptneox', 'test/medium', 'test/medium-sharded', 'test/one-gguf'])(
    'of %s: open by the time it is stored, from the same bytes',
    async (id) => {
      const { key } = await offered(reference(id));
      const fetched = await downloads.fetch(key, context({ forward }));
      expect(opened.map(({ info }) => info.sha256)).toEqual([await hashOf(fetched)]);
    },
  );

  it('into a store that is full on the way', async () => {
    downloads = openDownloads(hub, new FullStore(2_000_000));
    const { key } = await offered(reference('test/medium'));
    const fetched = await downloads.fetch(key, context({ forward }));
    expect(fetched.kept).toBe(false);
    expect(opened.map(({ info }) => info.sha256)).toEqual([await hashOf(fetched)]);
  });

  it('that is stopped, and goes on another time: opened from the store then', async () => {
    await fetchHalf(downloads, await offered(reference('test/medium')), { forward });
    const { key } = await offered(reference('test/medium'));
    const fetched = await downloads.fetch(key, context({ forward }));
    expect(fetched.blob.size).toBeGreaterThan(0);
    expect(opened).toEqual([]);
  });

  it('of a file that changes on the way: what came before is not mixed with it', async () => {
    const url = `${hub.endpoint}/test/medium/resolve/main/model.safetensors`;
    const { key } = await offered({ kind: 'url', url });
    hub.misbehave('model.safetensors', { changed: true });
    hub.misbehave('model.safetensors', { changed: false, cutAt: 6_000_000 }, 1);
    const fetched = await downloads.fetch(key, context({ forward }));
    expect(fetched.notes[0]).toMatch(/changed on the server/);
    expect(opened).toEqual([]);
  });
});
