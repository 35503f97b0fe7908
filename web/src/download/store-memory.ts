/** Models that are gone when the page is: for browsers that keep nothing, and for tests. */
import { paint, Pieces } from './pieces.ts';
import type { Backing, ModelRecord, Store } from './store.ts';

interface Held {
  record: ModelRecord | null;
  readonly pieces: Pieces;
}

export class MemoryStore implements Store {
  readonly where: Store['where'] = 'memory';
  readonly #models = new Map<string, Held>();

  records(): Promise<readonly ModelRecord[]> {
    const records = [...this.#models.values()].flatMap(({ record }) => (record === null ? [] : [record]));
    return Promise.resolve(records);
  }

  record(key: string): Promise<ModelRecord | null> {
    return Promise.resolve(this.#models.get(key)?.record ?? null);
  }

  open(key: string, fresh: boolean): Promise<Backing> {
    const known = fresh ? undefined : this.#models.get(key);
    const held = known ?? { record: null, pieces: new Pieces() };
    this.#models.set(key, held);
    return Promise.resolve({
      write: (offset: number, bytes: Uint8Array<ArrayBuffer>) => {
        held.pieces.add(offset, bytes);
      },
      save: (record: ModelRecord) => {
        held.record = record;
        return Promise.resolve();
      },
      blob: () => this.blob(key),
      close: () => undefined,
    });
  }

  blob(key: string): Promise<Blob> {
    return Promise.resolve(paint(new Blob(), this.#models.get(key)?.pieces.all() ?? []));
  }

  handle(): Promise<null> {
    return Promise.resolve(null);
  }

  remove(key: string): Promise<void> {
    this.#models.delete(key);
    return Promise.resolve();
  }
}
