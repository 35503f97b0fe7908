/** Stores for tests: one that is full after some bytes, and a Cache as the browser's, in memory. */
import { MemoryStore } from '@web/download/store-memory.ts';
import type { Backing, ModelRecord } from '@web/download/store.ts';

/** Throws as a browser does once more than `room` bytes were written. */
export class FullStore extends MemoryStore {
  #room: number;

  constructor(room: number) {
    super();
    this.#room = room;
  }

  override async open(key: string, fresh: boolean): Promise<Backing> {
    const backing = await super.open(key, fresh);
    return {
      ...backing,
      write: (offset: number, bytes: Uint8Array<ArrayBuffer>) => {
        this.#room -= bytes.length;
        if (this.#room < 0) throw new DOMException('', 'QuotaExceededError');
        return backing.write(offset, bytes);
      },
    };
  }
}

/** As much of a Cache as is used. `room` are the bytes that it takes. */
export class FakeCache {
  readonly entries = new Map<string, Blob>();
  room = Infinity;

  async put(url: string, response: Response): Promise<void> {
    const blob = await response.blob();
    if (blob.size > this.room) throw new DOMException('', 'QuotaExceededError');
    this.room -= blob.size;
    this.entries.set(url, blob);
  }

  match(url: string): Promise<Response | undefined> {
    const blob = this.entries.get(url);
    return Promise.resolve(blob === undefined ? undefined : new Response(blob));
  }

  keys(): Promise<{ url: string }[]> {
    return Promise.resolve([...this.entries.keys()].map((url) => ({ url })));
  }

  delete(url: string): Promise<boolean> {
    return Promise.resolve(this.entries.delete(url));
  }
}

export function record(key: string, more: Partial<ModelRecord> = {}): ModelRecord {
  return {
    key,
    name: key,
    from: 'a test',
    licence: null,
    reference: null,
    storedAs: 'q8_0',
    at: null,
    bytes: 10,
    done: 0,
    total: 10,
    header: '',
    etags: {},
    stopped: null,
    notes: [],
    ...more,
  };
}
