/** The memory of the core and its flat functions, which exports.h describes: addresses and lengths stop at core.ts. */

/** A refusal by the core: `status` is the stable name of its code, `message` one sentence for a person. */
export class CoreError extends Error {
  override readonly name = 'CoreError';
  constructor(
    readonly status: string,
    message: string,
    /** Byte offset in the file or text, where there is one. */
    readonly offset: number | null,
  ) {
    super(message);
  }
}

export interface Progress {
  phase: 'forward' | 'lens' | 'done';
  /** forward: blocks run; lens: positions read. */
  done: number;
  total: number;
  /** Of all the arithmetic, 0 to 1. */
  fraction: number;
}

export type HostRead = (id: number, offset: number, target: number, n: number) => number;

export interface Exports {
  _lsw_alloc(n: number): number;
  _lsw_free(address: number): void;
  _lsw_error_name(): number;
  _lsw_error_message(): number;
  _lsw_error_offset(): number;
  _lsw_length(): number;
  _lsw_kernel_name(index: number): number;
  _lsw_engine_open(kernel: number, threads: number): number;
  _lsw_engine_close(engine: number): void;
  _lsw_engine_kernel(engine: number): number;
  _lsw_engine_threads(engine: number): number;
  _lsw_loading_open(engine: number, source: number, size: number, name: number, sha256: number): number;
  _lsw_loading_room(loading: number): number;
  _lsw_loading_feed(loading: number, n: number): number;
  _lsw_loading_finish(loading: number): number;
  _lsw_loading_close(loading: number): void;
  _lsw_model_check(engine: number, source: number, size: number, name: number): number;
  _lsw_model_close(model: number): void;
  _lsw_model_string(model: number, which: number): number;
  _lsw_model_number(model: number, which: number): number;
  _lsw_tokenize(model: number, text: number, n: number): number;
  _lsw_token_bytes(model: number, id: number): number;
  _lsw_session_open(model: number, text: number, n: number, cut: number, ...settings: number[]): number;
  _lsw_session_close(session: number): void;
  _lsw_session_set_lens(session: number, lens: number): number;
  _lsw_session_step(session: number): number;
  _lsw_progress(which: number): number;
  _lsw_session_report(engine: number, session: number, csv: number, ...settings: number[]): number;
  _lsw_verify_open(model: number, grid: number, n: number): number;
  _lsw_verify_close(verify: number): void;
  _lsw_verify_step(verify: number): number;
  _lsw_verify_report(engine: number, verify: number): number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/* In pages of 64 KiB: the 16 MiB that every build starts with, and all that 32 bits address. */
const FIRST_PAGES = 256;
const MOST_PAGES = 65536;

/** Throws a RangeError where the browser does not grant the address space. */
export function makeMemory(shared: boolean): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES, shared });
}

/** The heap. Its buffer is replaced when it grows, on whichever thread, so views are made anew for each use. */
export class Heap {
  constructor(
    readonly memory: WebAssembly.Memory,
    readonly exports: Exports,
  ) {}

  bytes(address: number, n: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address >>> 0, n);
  }

  /** A copy, not shared with any thread: what decoders and messages take. */
  copy(address: number, n: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.bytes(address, n));
  }

  /** UTF-8 that belongs to the core. */
  text(address: number, n: number): string {
    return decoder.decode(this.copy(address, n));
  }

  /** The same, ended by a NUL. */
  string(address: number): string {
    const end = new Uint8Array(this.memory.buffer).indexOf(0, address >>> 0);
    return this.text(address, end - (address >>> 0));
  }

  /** Calls `use` with the address of a NUL-terminated copy, released afterwards. */
  withString<T>(text: string, use: (address: number, length: number) => T): T {
    const bytes = encoder.encode(text);
    const address = this.exports._lsw_alloc(bytes.length + 1);
    if (address === 0) throw new CoreError('out-of-memory', 'not enough memory for the text', null);
    const target = this.bytes(address, bytes.length + 1);
    target.set(bytes);
    target[bytes.length] = 0;
    try {
      return use(address, bytes.length);
    } finally {
      this.exports._lsw_free(address);
    }
  }

  /** The address, or the core's last refusal as an exception. */
  granted(address: number): number {
    if (address !== 0) return address;
    const offset = this.exports._lsw_error_offset();
    throw new CoreError(
      this.string(this.exports._lsw_error_name()),
      this.string(this.exports._lsw_error_message()),
      offset < 0 ? null : offset,
    );
  }

  /** How far the work is after a step, from what the step returned. */
  progress(code: number): Progress {
    if (code < 0) this.granted(0);
    const phases = ['forward', 'lens', 'done'] as const;
    return {
      phase: phases[this.exports._lsw_progress(0)] ?? 'done',
      done: this.exports._lsw_progress(1),
      total: this.exports._lsw_progress(2),
      fraction: this.exports._lsw_progress(3),
    };
  }

  /** Text of `_lsw_length()` bytes that the caller owns: copied out and released. */
  takeText(address: number): string {
    const text = this.text(address, this.exports._lsw_length());
    this.exports._lsw_free(address);
    return text;
  }
}
