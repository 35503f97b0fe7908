/** A model that is being written, hashed and forwarded: into the store, and from the moment that the store is full into memory. */
import type { ByteTarget } from '../import/bytes.ts';
import type { Forward } from './forward.ts';
import type { WrittenHash } from './hashes.ts';
import { paint, Pieces } from './pieces.ts';
import { isQuota, type Backing, type ModelRecord } from './store.ts';

export class Draft implements ByteTarget {
  /** Of all bytes so far, wherever they went. */
  readonly written: WrittenHash;
  readonly #backing: Backing;
  readonly #forward: Forward | null;
  /** Painted over what the store took; null as long as it takes everything. */
  #overflow: Pieces | null = null;

  constructor(backing: Backing, written: WrittenHash, forward: Forward | null) {
    this.#backing = backing;
    this.written = written;
    this.#forward = forward;
  }

  /** False once the store was full: the model is whole only in memory. */
  get kept(): boolean {
    return this.#overflow === null;
  }

  async write(offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.written.add(offset, bytes);
    await this.#unlessFull(() => this.#backing.write(offset, bytes));
    this.#overflow?.add(offset, bytes);
    await this.#forward?.write(offset, bytes);
  }

  /** A full store keeps the record that it has. */
  async save(record: ModelRecord): Promise<void> {
    await this.#unlessFull(() => this.#backing.save(record));
  }

  async finish(record: ModelRecord): Promise<Blob> {
    await this.save(record);
    await this.#backing.close();
    await this.#forward?.end();
    const stored = await this.#backing.blob();
    if (this.#overflow === null) return stored;
    // The store clears away what has no record, so what it took is copied out of it.
    return paint(new Blob([await stored.arrayBuffer()]), this.#overflow.all());
  }

  async close(): Promise<void> {
    this.#forward?.stop();
    await this.#backing.close();
  }

  async #unlessFull(work: () => void | Promise<void>): Promise<void> {
    if (this.#overflow !== null) return;
    try {
      await work();
    } catch (error) {
      if (!isQuota(error)) throw error;
      this.#overflow = new Pieces();
    }
  }
}
