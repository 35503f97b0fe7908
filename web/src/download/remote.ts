/**
 * A file on a server as the importer's ByteSource. What breaks off goes on by itself where it stopped, a bounded number of
 * times; what the server changes meanwhile is noticed by ETag, length and (job.ts) SHA-256, and never mixed.
 */
import { EngineError } from '../engine/protocol.ts';
import { streamed, type ByteSource } from '../import/bytes.ts';
import { Passing, type Access } from './access.ts';

/** Headers are read in small steps; this many bytes come at a time. */
const WINDOW = 128 * 1024;
/** A connection that brought at least this much was worth it: the count of failures begins anew. */
const WORTH = 64 * 1024;

export interface RemoteFacts {
  readonly name: string;
  readonly url: string;
  readonly size: number;
  /** What the bytes must hash to, where it is known. */
  readonly sha256: string | null;
}

export class RemoteFile implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly sha256: string | null;
  /** Names the version of the file that is being read; null before the first answer, and where the server has none. */
  etag: string | null = null;
  readonly #url: string;
  readonly #access: Access;
  #window = { offset: 0, bytes: new Uint8Array(0) };

  constructor(access: Access, { name, url, size, sha256 }: RemoteFacts) {
    this.name = name;
    this.size = size;
    this.sha256 = sha256;
    this.#url = url;
    this.#access = access;
  }

  /** A file of which nothing is known but the address. */
  static async open(access: Access, url: string, name: string): Promise<RemoteFile> {
    const size = await access.patiently(() => askSize(access, url, name));
    return new RemoteFile(access, { name, url, size, sha256: null });
  }

  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const held = this.#window;
    const isHeld = offset >= held.offset && offset + length <= held.offset + held.bytes.length;
    if (!isHeld) {
      const end = Math.min(this.size, offset + Math.max(length, WINDOW));
      const bytes = await this.#access.patiently(() => this.#part(offset, end));
      this.#window = { offset, bytes };
    }
    const from = offset - this.#window.offset;
    return this.#window.bytes.slice(from, from + length);
  }

  async *stream(from: number): AsyncGenerator<Uint8Array> {
    let at = from;
    let failures = 0;
    // A CDN that does not expect If-Range refuses it before anything is answered; then the ETag alone has to do.
    let conditional = true;
    while (at < this.size) {
      const began = at;
      try {
        for await (const chunk of this.#body(at, null, conditional)) {
          at += chunk.length;
          yield chunk;
        }
        if (at < this.size) throw new Passing(this.#cutShort(at));
      } catch (error) {
        if (!(error instanceof Passing)) throw error;
        if (error.last.status === 'unreachable') conditional = false;
        failures = at - began >= WORTH ? 1 : failures + 1;
        await this.#access.recover(error, failures);
      }
    }
  }

  async #part(from: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(end - from);
    let filled = 0;
    for await (const chunk of this.#body(from, end, false)) {
      const piece = chunk.subarray(0, bytes.length - filled);
      bytes.set(piece, filled);
      filled += piece.length;
      if (filled === bytes.length) break;
    }
    if (filled < bytes.length) throw new Passing(this.#cutShort(from + filled));
    return bytes;
  }

  /** The bytes from `from` to `end` or the file's end, as far as one connection brings them. */
  async *#body(from: number, end: number | null, conditional: boolean): AsyncGenerator<Uint8Array> {
    const headers: Record<string, string> = {};
    if (from > 0 || end !== null) headers.range = `bytes=${from}-${end === null ? '' : end - 1}`;
    if (from > 0 && conditional && this.etag?.startsWith('"') === true) headers['if-range'] = this.etag;
    const response = await this.#access.request(this.#url, { headers });
    this.#checkVersion(response);
    // A server that knows no ranges begins at the beginning.
    let skip = response.status === 206 ? 0 : from;
    if (response.status === 206) this.#checkRange(response, from);
    let left = (end ?? this.size) - from;
    for await (const chunk of this.#chunks(response)) {
      const wanted = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - wanted.length;
      if (wanted.length > left && end === null) throw this.#changed();
      left -= wanted.length;
      if (wanted.length > 0) yield wanted;
    }
  }

  /** The body; a connection that breaks is a passing fault. */
  async *#chunks(response: Response): AsyncGenerator<Uint8Array> {
    if (response.body === null) return;
    const chunks = streamed(response.body);
    try {
      for (;;) {
        const step = await chunks.next().catch(() => null);
        this.#access.signal?.throwIfAborted();
        if (step === null) throw new Passing(this.#cutShort(null));
        if (step.done === true) return;
        yield step.value;
      }
    } finally {
      await chunks.return(undefined).catch(() => undefined);
    }
  }

  #checkVersion(response: Response): void {
    const etag = response.headers.get('etag');
    const length = response.status === 200 ? response.headers.get('content-length') : null;
    if (response.status === 416) throw this.#changed();
    if (this.etag !== null && etag !== null && etag !== this.etag) throw this.#changed();
    if (length !== null && Number(length) !== this.size) throw this.#changed();
    this.etag ??= etag;
  }

  /** Content-Range is not shown to pages by every server; then length and hash have to do. */
  #checkRange(response: Response, from: number): void {
    const said = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    if (said === null) return;
    if (said[2] !== '*' && Number(said[2]) !== this.size) throw this.#changed();
    if (Number(said[1]) !== from)
      throw new Passing(
        new EngineError(
          'wrong-range',
          `The server sends “${this.name}” from byte ${said[1] ?? ''} on where byte ${from} was asked for, which is of no use.`,
        ),
      );
  }

  #changed(): EngineError {
    return new EngineError(
      'changed',
      `“${this.name}” changed on the server while it was fetched; fetch it again.`,
    );
  }

  #cutShort(at: number | null): EngineError {
    const where = at === null ? '' : ` after ${at} of ${this.size} bytes`;
    return new EngineError(
      'cut-short',
      `“${this.name}” keeps breaking off${where}; what is there is kept, try again later.`,
    );
  }
}

async function askSize(access: Access, url: string, name: string): Promise<number> {
  const response = await access.request(url, { headers: { range: 'bytes=0-0' } });
  await response.body?.cancel();
  const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (total !== undefined) return Number(total);
  // Content-Range is not shown to pages by every server; Content-Length always is.
  const whole = response.status === 200 ? response : await access.request(url, { method: 'HEAD' });
  const length = whole.headers.get('content-length');
  if (length !== null) return Number(length);
  throw new EngineError(
    'no-length',
    `${new URL(url).host} does not say how long “${name}” is, so there is no telling whether it fits; download it and open the file.`,
  );
}

/** What a part must hash to, where that is known. */
export function knownHash(part: ByteSource): string | null {
  return part instanceof RemoteFile ? part.sha256 : null;
}
