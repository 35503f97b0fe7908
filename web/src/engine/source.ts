/** The beginning of a Blob as the core's ByteSource: synchronous reads through a window, so that small reads stay cheap. */
import type { ByteSource } from '@core';

const WINDOW = 4 * 1024 * 1024;

export class BlobSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #blob: Blob;
  readonly #reader = new FileReaderSync();
  #window = new Uint8Array(0);
  #start = 0;

  /** `size` is that of the whole file where the blob is only its beginning: reads beyond the blob throw. */
  constructor(blob: Blob, name: string, size = blob.size) {
    this.name = name;
    this.size = size;
    this.#blob = blob;
  }

  read(offset: number, into: Uint8Array): void {
    let filled = 0;
    while (filled < into.length) {
      const at = offset + filled;
      if (at < this.#start || at >= this.#start + this.#window.length) this.#move(at);
      const from = at - this.#start;
      const piece = this.#window.subarray(from, from + into.length - filled);
      if (piece.length === 0) throw new Error('the file ended early');
      into.set(piece, filled);
      filled += piece.length;
    }
  }

  #move(start: number): void {
    const end = Math.min(this.#blob.size, start + WINDOW);
    this.#window = new Uint8Array(this.#reader.readAsArrayBuffer(this.#blob.slice(start, end)));
    this.#start = start;
  }
}
