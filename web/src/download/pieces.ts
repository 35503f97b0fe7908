/** Bytes at offsets, held as Blobs, which a browser may keep outside of this worker's memory. Later ones win. */

/** Neighbouring writes are joined up to this size. */
const JOINED = 4 << 20;

export interface Piece {
  readonly offset: number;
  readonly blob: Blob;
}

export class Pieces {
  readonly #sealed: Piece[] = [];
  #open: { offset: number; size: number; chunks: Uint8Array<ArrayBuffer>[] } | null = null;

  /** Copies the bytes. */
  add(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#open !== null && (offset !== this.#open.offset + this.#open.size || this.#open.size >= JOINED))
      this.#seal();
    this.#open ??= { offset, size: 0, chunks: [] };
    this.#open.chunks.push(bytes.slice());
    this.#open.size += bytes.length;
  }

  /** All of them in the order of writing. */
  all(): readonly Piece[] {
    this.#seal();
    return this.#sealed;
  }

  #seal(): void {
    if (this.#open === null) return;
    this.#sealed.push({ offset: this.#open.offset, blob: new Blob(this.#open.chunks) });
    this.#open = null;
  }
}

/** One Blob: `base` from 0 on, each piece painted over what was there before, and zeros where nothing was written. */
export function paint(base: Blob, pieces: readonly Piece[]): Blob {
  let runs: Piece[] = base.size > 0 ? [{ offset: 0, blob: base }] : [];
  for (const piece of pieces) {
    const end = piece.offset + piece.blob.size;
    const left = runs.map((run) => clip(run, 0, piece.offset));
    const right = runs.map((run) => clip(run, end, Infinity));
    runs = [...left, piece, ...right].filter(({ blob }) => blob.size > 0);
  }
  const parts: BlobPart[] = [];
  let at = 0;
  for (const { offset, blob } of runs) {
    if (offset > at) parts.push(new Uint8Array(offset - at));
    parts.push(blob);
    at = offset + blob.size;
  }
  return new Blob(parts);
}

/** What of a run lies between two places of the file. */
function clip({ offset, blob }: Piece, from: number, to: number): Piece {
  const start = Math.max(from, offset);
  const end = Math.max(start, Math.min(to, offset + blob.size));
  return { offset: start, blob: blob.slice(start - offset, end - offset) };
}
