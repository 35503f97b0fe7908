/** Where models are kept, as far as Node can show it; OPFS is tested in the browser. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Access } from '@web/download/access.ts';
import { Draft } from '@web/download/draft.ts';
import { Hashes, WrittenHash } from '@web/download/hashes.ts';
import { paint, Pieces } from '@web/download/pieces.ts';
import { RemoteFile } from '@web/download/remote.ts';
import { CacheStore } from '@web/download/store-cache.ts';
import { MemoryStore } from '@web/download/store-memory.ts';
import type { Store } from '@web/download/store.ts';
import { sha256 } from '../hub/repositories.ts';
import { FakeCache, FullStore, record } from './support/stores.ts';

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.of(...values);
const content = async (blob: Blob): Promise<number[]> => [...new Uint8Array(await blob.arrayBuffer())];

describe('pieces', () => {
  it('are painted over each other in the order of writing, with zeros between', async () => {
    const pieces = new Pieces();
    pieces.add(8, bytes(8, 9));
    pieces.add(2, bytes(2, 3));
    pieces.add(4, bytes(4));
    pieces.add(3, bytes(33, 44));
    expect(await content(paint(new Blob([bytes(1, 1, 1)]), pieces.all()))).toEqual([
      1, 1, 2, 33, 44, 0, 0, 0, 8, 9,
    ]);
  });

  it('do not follow a buffer that is used again', async () => {
    const pieces = new Pieces();
    const buffer = bytes(1, 2);
    pieces.add(0, buffer);
    buffer.fill(7);
    expect(await content(paint(new Blob(), pieces.all()))).toEqual([1, 2]);
  });

  it('may lie wholly inside of what is there', async () => {
    const pieces = new Pieces();
    pieces.add(0, bytes(0, 1, 2, 3, 4));
    pieces.add(2, bytes(9));
    expect(await content(paint(new Blob(), pieces.all()))).toEqual([0, 1, 9, 3, 4]);
  });
});

describe('a draft', () => {
  it('goes on in memory when the store is full, from what is there', async () => {
    const store = new FullStore(4);
    const draft = new Draft(await store.open('m', true), await WrittenHash.create(null), null);
    await draft.write(0, bytes(1, 2, 3));
    await draft.save(record('m', { done: 3 }));
    expect(draft.kept).toBe(true);
    await draft.write(3, bytes(4, 5));
    await draft.write(5, bytes(6));
    await draft.save(record('m', { done: 6 }));
    expect(draft.kept).toBe(false);
    expect(draft.written.digest()).toBe(sha256(bytes(1, 2, 3, 4, 5, 6)));
    expect(await content(await draft.finish(record('m', { at: 1 })))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await store.record('m')).toMatchObject({ at: null, done: 3 });
  });

  it('fails with anything that is not about room', async () => {
    const backing = await new MemoryStore().open('m', true);
    const write = (): void => {
      throw new Error('the disk is gone');
    };
    const draft = new Draft({ ...backing, write }, await WrittenHash.create(null), null);
    await expect(draft.write(0, bytes(1))).rejects.toThrow('the disk is gone');
  });
});

describe('hashes', () => {
  const data = Uint8Array.from({ length: 100_003 }, (_, i) => (i * 7) & 255);
  const known = sha256(data);
  const part = (name: string, size: number, hash: string | null): RemoteFile =>
    new RemoteFile(new Access('http://localhost'), { name, size, sha256: hash, url: 'http://localhost' });
  const parts = [part('a', data.length, known), part('b', 3, null), part('c', data.length, known)];

  it('can be put aside anywhere and taken up again', async () => {
    for (const at of [0, 1, 63, 64, 65, 99_999]) {
      const first = await Hashes.create(parts, null);
      if (at > 0) first.add(0, data.subarray(0, at));
      const saved = JSON.parse(JSON.stringify(first.save())) as ReturnType<typeof first.save>;
      const second = await Hashes.create(parts, saved);
      second.add(0, data.subarray(at));
      second.add(1, bytes(1, 2, 3));
      const third = await Hashes.create(parts, second.save());
      third.add(2, data);
    }
  });

  it('refuse a part that is not what it should be, and parts out of order', async () => {
    const hashes = await Hashes.create(parts, null);
    hashes.add(0, data.subarray(1));
    expect(() => {
      hashes.add(0, bytes(0));
    }).toThrow(/“a” is not the file that the Hub names: its SHA-256 differs/);
    const other = await Hashes.create(parts, null);
    expect(() => {
      other.add(1, bytes(0));
    }).toThrow(/out of order/);
  });

  it('of what is written can be put aside anywhere and taken up again', async () => {
    for (const at of [0, 1, 63, 64, 65, 99_999]) {
      const first = await WrittenHash.create(null);
      first.add(0, data.subarray(0, at));
      const saved = JSON.parse(JSON.stringify(first.save())) as ReturnType<typeof first.save>;
      const second = await WrittenHash.create(saved);
      second.add(at, data.subarray(at));
      expect(second.digest()).toBe(known);
    }
  });

  it.each([2, 4])('of what is written refuse byte %i where byte 3 is due', async (offset) => {
    const written = await WrittenHash.create(null);
    written.add(0, bytes(1, 2, 3));
    expect(() => {
      written.add(offset, bytes(4));
    }).toThrow(`byte ${offset} of the model came where byte 3 was due`);
  });
});

describe('the store in the Cache API', () => {
  let cache: FakeCache;
  let store: Store;
  beforeEach(async () => {
    cache = new FakeCache();
    vi.stubGlobal('self', { location: { href: 'http://localhost/page/assets/worker.js' } });
    vi.stubGlobal('caches', { open: () => Promise.resolve(cache) });
    store = await CacheStore.open();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('keeps what was saved, over closing and opening', async () => {
    const first = await store.open('m', true);
    await first.write(0, bytes(1, 2));
    await first.save(record('m', { done: 2 }));
    await first.write(2, bytes(9, 9, 9));
    const second = await (await CacheStore.open()).open('m', false);
    await second.write(2, bytes(3));
    await second.save(record('m', { at: 5 }));
    expect(await content(await store.blob('m'))).toEqual([1, 2, 3]);
    expect(await store.records()).toMatchObject([{ key: 'm', at: 5 }]);
  });

  it('clears away what has no record, and all of a model that is removed', async () => {
    const backing = await store.open('m', true);
    await backing.write(0, bytes(1));
    await backing.save(record('m'));
    await (await store.open('other', true)).save(record('other'));
    await cache.put('http://localhost/page/assets/stored/orphan/0', new Response('x'));
    expect((await store.records()).map(({ key }) => key)).toEqual(['m', 'other']);
    await store.remove('m');
    expect([...cache.entries.keys()]).toEqual(['http://localhost/page/assets/stored/other/record']);
    expect(await store.record('m')).toBe(null);
  });

  it('goes on in memory when it is full', async () => {
    const draft = new Draft(await store.open('m', true), await WrittenHash.create(null), null);
    await draft.write(0, bytes(1, 2));
    await draft.save(record('m', { done: 2 }));
    cache.room = 1;
    await draft.write(2, bytes(3, 4));
    await draft.save(record('m', { done: 4 }));
    await draft.write(4, bytes(5));
    expect(await content(await draft.finish(record('m', { at: 1 })))).toEqual([1, 2, 3, 4, 5]);
    expect(draft.kept).toBe(false);
    expect(await store.record('m')).toMatchObject({ at: null, done: 2 });
  });
});
