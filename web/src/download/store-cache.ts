/**
 * Models in the Cache API, for browsers without OPFS. A cached response cannot be written to, so a model is many pieces:
 * those that its record names, in that order.
 */
import { paint, Pieces, type Piece } from './pieces.ts';
import type { Backing, ModelRecord, Store } from './store.ts';

const CACHE = 'logitscope-models';

/** What is cached under a model's name. */
interface Kept {
  readonly record: ModelRecord;
  /** Offsets of the pieces, whose numbers are their places here. */
  readonly offsets: readonly number[];
}

/** The address of an entry; nothing is ever fetched from it. */
function address(key: string, entry: string | number): string {
  return new URL(`./stored/${key}/${entry}`, self.location.href).href;
}

export class CacheStore implements Store {
  readonly where = 'cache';
  readonly #cache: Cache;

  private constructor(cache: Cache) {
    this.#cache = cache;
  }

  static async open(): Promise<CacheStore> {
    return new CacheStore(await caches.open(CACHE));
  }

  async records(): Promise<readonly ModelRecord[]> {
    const keys = (await this.#cache.keys()).flatMap(
      ({ url }) => /\/stored\/([^/]+)\/[^/]+$/.exec(url)?.[1] ?? [],
    );
    const records: ModelRecord[] = [];
    for (const key of new Set(keys)) {
      const kept = await this.#kept(key);
      if (kept === null) await this.remove(key);
      else records.push(kept.record);
    }
    return records;
  }

  async record(key: string): Promise<ModelRecord | null> {
    return (await this.#kept(key))?.record ?? null;
  }

  async open(key: string, fresh: boolean): Promise<Backing> {
    if (fresh) await this.remove(key);
    const offsets = [...((await this.#kept(key))?.offsets ?? [])];
    let unsaved = new Pieces();
    return {
      write: (offset, bytes) => {
        unsaved.add(offset, bytes);
      },
      save: async (record) => {
        const named = [...offsets];
        for (const { offset, blob } of unsaved.all()) {
          await this.#cache.put(address(key, named.length), new Response(blob));
          named.push(offset);
        }
        await this.#cache.put(
          address(key, 'record'),
          Response.json({ record, offsets: named } satisfies Kept),
        );
        offsets.splice(0, Infinity, ...named);
        unsaved = new Pieces();
      },
      blob: async () => paint(new Blob(), [...(await this.#pieces(key, offsets)), ...unsaved.all()]),
      close: () => undefined,
    };
  }

  async blob(key: string): Promise<Blob> {
    return paint(new Blob(), await this.#pieces(key, (await this.#kept(key))?.offsets ?? []));
  }

  handle(): Promise<null> {
    return Promise.resolve(null);
  }

  async remove(key: string): Promise<void> {
    // The record goes first: without it the pieces are nobody's.
    await this.#cache.delete(address(key, 'record'));
    for (const { url } of await this.#cache.keys())
      if (url.startsWith(address(key, ''))) await this.#cache.delete(url);
  }

  async #kept(key: string): Promise<Kept | null> {
    const response = await this.#cache.match(address(key, 'record'));
    return response === undefined ? null : ((await response.json()) as Kept);
  }

  async #pieces(key: string, offsets: readonly number[]): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for (const [index, offset] of offsets.entries()) {
      const response = await this.#cache.match(address(key, index));
      if (response === undefined) throw new Error(`piece ${index} of ${key} is gone from the cache`);
      pieces.push({ offset, blob: await response.blob() });
    }
    return pieces;
  }
}
