/** The SHA-256 that a stored model has: of what was written, over stopping and going on, without reading it back. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Downloads } from '@web/download/job.ts';
import type { Offer } from '@web/download/protocol.ts';
import { MemoryStore } from '@web/download/store-memory.ts';
import type { ModelRecord } from '@web/download/store.ts';
import { TestHub } from '../hub/hub.ts';
import { context, fetchHalf, hashOf, imported, openDownloads, reference } from './support/downloads.ts';
import { FullStore } from './support/stores.ts';

let hub: TestHub;
let downloads: Downloads;
beforeAll(async () => {
  hub = await TestHub.start();
});
afterAll(() => hub.stop());

const inspect = (id: string): Promise<Offer> => downloads.inspect(reference(id), 'q8_0', context());

/** A store that outlives the page, as far as the download knows: a record is JSON. It counts how often a file is streamed. */
class KeepingStore extends MemoryStore {
  override readonly where = 'opfs';
  opened = 0;
  streamed = 0;

  override async record(key: string): Promise<ModelRecord | null> {
    return JSON.parse(JSON.stringify(await super.record(key))) as ModelRecord | null;
  }

  override async blob(key: string): Promise<Blob> {
    const blob = await super.blob(key);
    const stream = blob.stream.bind(blob);
    blob.stream = () => {
      this.streamed += 1;
      return stream();
    };
    return blob;
  }

  override open(...args: Parameters<MemoryStore['open']>): ReturnType<MemoryStore['open']> {
    this.opened += 1;
    return super.open(...args);
  }
}

describe('the SHA-256 of a stored model', { timeout: 30_000 }, () => {
  let keeping: KeepingStore;
  beforeEach(() => {
    keeping = new KeepingStore();
    downloads = openDownloads(hub, keeping);
  });

  it.each(['test/medium', 'test/gptneox', 'test/one-gguf'])(
    'is that of the bytes of %s, computed as they are written and no more',
    async (id) => {
      const { key } = await inspect(id);
      const fetched = await downloads.fetch(key, context());
      expect(fetched.kept).toBe(true);
      expect(fetched.sha256).toBe(await hashOf(fetched));
      downloads = openDownloads(hub, keeping);
      expect((await downloads.take(key)).sha256).toBe(fetched.sha256);
      expect(keeping).toMatchObject({ opened: 1, streamed: 0 });
    },
  );

  it.each(['test/medium', 'test/medium-sharded'])(
    'is that of the bytes of %s when it goes on where it stopped',
    async (id) => {
      await fetchHalf(downloads, await inspect(id));
      downloads = openDownloads(hub, keeping);
      const { key, have } = await inspect(id);
      expect(have).toBeGreaterThan(0);
      const steps: number[] = [];
      const fetched = await downloads.fetch(key, context({ onStep: ({ done }) => void steps.push(done) }));
      expect(steps[0]).toBe(have);
      expect(fetched.sha256).toBe(await imported(hub, id));
      expect(await hashOf(fetched)).toBe(fetched.sha256);
      expect(keeping).toMatchObject({ opened: 2, streamed: 0 });
    },
  );

  it('needs its state: a download that was stopped without it begins anew', async () => {
    const { key } = await inspect('test/medium');
    await fetchHalf(downloads, await inspect('test/medium'));
    const { stopped, ...rest } = (await keeping.record(key)) ?? {};
    if (!stopped) throw new Error('nothing was stopped');
    Reflect.deleteProperty(stopped, 'written');
    await (await keeping.open(key, false)).save({ ...rest, stopped } as ModelRecord);
    downloads = openDownloads(hub, keeping);
    expect((await inspect('test/medium')).have).toBe(0);
    const steps: number[] = [];
    const fetched = await downloads.fetch(key, context({ onStep: ({ done }) => void steps.push(done) }));
    expect(steps[0]).toBe(0);
    expect(fetched.sha256).toBe(await imported(hub, 'test/medium'));
    expect(await hashOf(fetched)).toBe(fetched.sha256);
  });

  it('is computed of a model that was stored without', async () => {
    const { key } = await inspect('test/gpt2');
    const { sha256: expected } = await downloads.fetch(key, context());
    const without = await keeping.record(key);
    if (without === null) throw new Error('nothing is stored');
    Reflect.deleteProperty(without, 'sha256');
    await (await keeping.open(key, false)).save(without);
    expect((await downloads.take(key)).sha256).toBe(expected);
    expect(keeping.streamed).toBe(1);
    expect(await keeping.record(key)).toMatchObject({ sha256: expected });
  });

  it('is nobody’s to tell where nothing is kept', async () => {
    downloads = openDownloads(hub, new FullStore(3000));
    const { key } = await inspect('test/gpt2');
    expect(await downloads.fetch(key, context())).toMatchObject({ kept: false, sha256: null });
  });

  it.each(['right after the download', 'by now'])(
    'is not told of a file that has another size %s',
    async (when) => {
      const { key } = await inspect('test/gpt2');
      if (when === 'by now') await downloads.fetch(key, context());
      keeping.blob = async () => (await MemoryStore.prototype.blob.call(keeping, key)).slice(0, -1);
      await expect(downloads.fetch(key, context())).rejects.toMatchObject({
        status: 'damaged',
        message: expect.stringContaining('fetch it again') as string,
      });
    },
  );
});
