/**
 * SHA-256 of a stored file, of parts as they stream, where it is known what it must be, and of what is written meanwhile.
 * The latter two can be put aside and taken up.
 */
import { createSHA256 } from 'hash-wasm';
import { EngineError } from '../engine/protocol.ts';
import { streamed, type ByteSource } from '../import/bytes.ts';
import { knownHash } from './remote.ts';

/** Where hashing stands: inside of part number `part`. Plain data. */
export interface SavedHash {
  readonly part: number;
  readonly bytes: number;
  /** hash-wasm's own state; null at the start of a part. */
  readonly state: readonly number[] | null;
}

/** Where hashing what is written stands. Plain data. */
export interface SavedWritten {
  readonly bytes: number;
  /** hash-wasm's own state. */
  readonly state: readonly number[];
}

type Hasher = Awaited<ReturnType<typeof createSHA256>>;

/** Goes on from a saved state, or begins. A state of another version of hash-wasm throws. */
async function hasherFrom(state: readonly number[] | null): Promise<Hasher> {
  const hasher = await createSHA256();
  hasher.init();
  if (state !== null) hasher.load(Uint8Array.from(state));
  return hasher;
}

/** Of a whole file. */
export async function sha256Of(blob: Blob): Promise<string> {
  const hasher = await hasherFrom(null);
  for await (const bytes of streamed(blob.stream())) hasher.update(bytes);
  return hasher.digest();
}

export class Hashes {
  readonly #parts: readonly ByteSource[];
  readonly #hasher: Hasher;
  #part = 0;
  #bytes = 0;

  private constructor(parts: readonly ByteSource[], hasher: Hasher) {
    this.#parts = parts;
    this.#hasher = hasher;
  }

  /** Goes on from `saved`. */
  static async create(parts: readonly ByteSource[], saved: SavedHash | null): Promise<Hashes> {
    const hashes = new Hashes(parts, await hasherFrom(saved?.state ?? null));
    hashes.#part = saved?.part ?? 0;
    hashes.#bytes = saved?.bytes ?? 0;
    return hashes;
  }

  save(): SavedHash {
    const state = this.#bytes === 0 ? null : [...this.#hasher.save()];
    return { part: this.#part, bytes: this.#bytes, state };
  }

  /** The next bytes of a part; parts come one after the other. Throws once a part is whole and not what it should be. */
  add(part: number, bytes: Uint8Array): void {
    const facts = this.#parts[part];
    if (facts === undefined || part !== this.#part) throw new Error(`part ${part} came out of order`);
    const sha256 = knownHash(facts);
    if (sha256 !== null) this.#hasher.update(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes < facts.size) return;
    if (sha256 !== null && this.#hasher.digest() !== sha256)
      throw new EngineError(
        'hash-mismatch',
        `“${facts.name}” is not the file that the Hub names: its SHA-256 differs. What was fetched is deleted; fetch it again.`,
      );
    this.#hasher.init();
    this.#part += 1;
    this.#bytes = 0;
  }
}

/** Of what is written, each write where the one before ended. */
export class WrittenHash {
  readonly #hasher: Hasher;
  #bytes = 0;

  private constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  /** Goes on from `saved`. */
  static async create(saved: SavedWritten | null): Promise<WrittenHash> {
    const written = new WrittenHash(await hasherFrom(saved?.state ?? null));
    written.#bytes = saved?.bytes ?? 0;
    return written;
  }

  save(): SavedWritten {
    return { bytes: this.#bytes, state: [...this.#hasher.save()] };
  }

  add(offset: number, bytes: Uint8Array): void {
    if (offset !== this.#bytes)
      throw new Error(`byte ${offset} of the model came where byte ${this.#bytes} was due`);
    this.#hasher.update(bytes);
    this.#bytes += bytes.length;
  }

  /** Of everything; nothing is added afterwards. */
  digest(): string {
    return this.#hasher.digest();
  }
}
