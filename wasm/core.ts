/**
 * The core behind typed objects. The one file that touches the WebAssembly heap: addresses and lengths stop here.
 * The same in the worker, in Node and in the tests; the flat functions are described in exports.h.
 */
import { Verify } from './verify.ts';

export type { Verification } from './verify.ts';

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

/** Random access to a file, synchronous. `read` fills `into` from `offset` and throws when it cannot. */
export interface ByteSource {
  readonly name: string;
  readonly size: number;
  read(offset: number, into: Uint8Array): void;
}

export interface ModelInfo {
  name: string;
  arch: string;
  weights: string;
  /** Empty when only the header was read. */
  sha256: string;
  layers: number;
  width: number;
  heads: number;
  feed_forward: number;
  context: number;
  vocab: number;
  parameters: number;
  /** Size of the file. */
  bytes: number;
  /** Bytes held in memory for weights and vocabulary. */
  resident: number;
  /** A session of T tokens takes session_base + T * session_position bytes more. */
  session_base: number;
  session_position: number;
}

export interface Token {
  id: number;
  /** UTF-8 as text; a part of a character shows as U+FFFD. */
  text: string;
}

export interface Progress {
  phase: 'forward' | 'lens' | 'done';
  /** forward: blocks run; lens: positions read. */
  done: number;
  total: number;
  /** Of all the arithmetic, 0 to 1. */
  fraction: number;
}

/* In the order of the enums in logitscope.h. */
export const LENSES = ['normed', 'raw'] as const;
export const OPERATORS = ['mass-margin', 'top-ratio', 'entropic'] as const;
export const STEP_RULES = ['relative', 'absolute'] as const;

export interface Settings {
  /** A position sees the first `sinks` and the last `window`; 0 and 0: as the model was made. Rotary models only. */
  sinks: number;
  window: number;
  lens: (typeof LENSES)[number];
  operator: (typeof OPERATORS)[number];
  from_layer: number;
  step_rule: (typeof STEP_RULES)[number];
  step_quantile: number;
  step_absolute: number;
  branch_p2: number;
  branch_ratio: number;
}

type HostRead = (id: number, offset: number, target: number, n: number) => number;

interface Exports {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _lsw_alloc(n: number): number;
  _lsw_free(address: number): void;
  _lsw_error_name(): number;
  _lsw_error_message(): number;
  _lsw_error_offset(): number;
  _lsw_length(): number;
  _lsw_kernel_name(index: number): number;
  _lsw_engine_open(kernel: number): number;
  _lsw_engine_close(engine: number): void;
  _lsw_engine_kernel(engine: number): number;
  _lsw_engine_threads(engine: number): number;
  _lsw_model_open(engine: number, source: number, size: number, name: number, headerOnly: number): number;
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

/** What the Emscripten loader (build/wasm/logitscope-*.mjs) exports. */
export type CoreFactory = (options: { wasmBinary: ArrayBuffer; hostRead: HostRead }) => Promise<unknown>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The heap. Its buffer is replaced when it grows, so views are made anew for each use. */
export class Heap {
  constructor(readonly exports: Exports) {}

  bytes(address: number, n: number): Uint8Array<ArrayBuffer> {
    return this.exports.HEAPU8.subarray(address >>> 0, (address >>> 0) + n);
  }

  /** A NUL-terminated string that belongs to the core. */
  string(address: number): string {
    const heap = this.exports.HEAPU8;
    return decoder.decode(heap.subarray(address >>> 0, heap.indexOf(0, address >>> 0)));
  }

  /** Calls `use` with the address of a NUL-terminated copy, released afterwards. */
  withString<T>(text: string, use: (address: number, length: number) => T): T {
    const bytes = encoder.encode(text);
    const address = this.exports._lsw_alloc(bytes.length + 1);
    if (address === 0) throw new CoreError('out-of-memory', 'not enough memory for the text', null);
    this.bytes(address, bytes.length).set(bytes);
    this.exports.HEAPU8[(address >>> 0) + bytes.length] = 0;
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
    const text = decoder.decode(this.bytes(address, this.exports._lsw_length()));
    this.exports._lsw_free(address);
    return text;
  }
}

/** One text through one model, step by step. */
export class Session {
  constructor(
    private readonly heap: Heap,
    private readonly engine: number,
    private readonly address: number,
  ) {}

  /** Does the next bounded piece of work. */
  step(): Progress {
    return this.heap.progress(this.heap.exports._lsw_session_step(this.address));
  }

  /** Reads the kept residual stream through another lens: the next steps run the lens only. */
  setLens(lens: Settings['lens']): void {
    this.heap.granted(this.heap.exports._lsw_session_set_lens(this.address, LENSES.indexOf(lens)));
  }

  /** The result as canonical JSON, schema logitscope.result/1. */
  measure(settings: Settings): string {
    return this.report(settings, false);
  }

  /** One line per point. */
  csv(settings: Settings): string {
    return this.report(settings, true);
  }

  close(): void {
    this.heap.exports._lsw_session_close(this.address);
  }

  private report(s: Settings, csv: boolean): string {
    const text = this.heap.exports._lsw_session_report(
      this.engine,
      this.address,
      csv ? 1 : 0,
      LENSES.indexOf(s.lens),
      OPERATORS.indexOf(s.operator),
      s.from_layer,
      STEP_RULES.indexOf(s.step_rule),
      s.step_quantile,
      s.step_absolute,
      s.branch_p2,
      s.branch_ratio,
      s.sinks,
      s.window,
    );
    return this.heap.takeText(this.heap.granted(text));
  }
}

export class Model {
  readonly info: ModelInfo;

  constructor(
    private readonly heap: Heap,
    private readonly engine: number,
    private readonly address: number,
  ) {
    const text = (which: number) => heap.string(heap.exports._lsw_model_string(address, which));
    const number = (which: number) => heap.exports._lsw_model_number(address, which);
    this.info = {
      name: text(0),
      arch: text(1),
      weights: text(2),
      sha256: text(3),
      layers: number(0),
      width: number(1),
      heads: number(2),
      feed_forward: number(3),
      context: number(4),
      vocab: number(5),
      parameters: number(6),
      bytes: number(7),
      resident: number(8),
      session_base: number(9),
      session_position: number(10),
    };
  }

  tokenize(text: string): Token[] {
    const { exports } = this.heap;
    return this.heap.withString(text, (address, n) => {
      const ids = this.heap.granted(exports._lsw_tokenize(this.address, address, n));
      const count = exports._lsw_length();
      const copy = new Uint32Array(this.heap.bytes(ids, count * 4).slice().buffer);
      exports._lsw_free(ids);
      return Array.from(copy, (id) => ({ id, text: this.tokenText(id) }));
    });
  }

  /** Of the settings, `lens`, `sinks` and `window` belong to the run; to change the latter two is to open another. */
  openSession(text: string, cut: boolean, { lens, sinks, window }: Settings): Session {
    return this.heap.withString(text, (address, n) => {
      const { exports } = this.heap;
      const options = [cut ? 1 : 0, LENSES.indexOf(lens), sinks, window] as const;
      const session = exports._lsw_session_open(this.address, address, n, ...options);
      return new Session(this.heap, this.engine, this.heap.granted(session));
    });
  }

  /** Begins to hold the model against a known-answer grid: JSON, described in logitscope.h. */
  openVerify(grid: string): Verify {
    return this.heap.withString(grid, (address, n) => {
      const verify = this.heap.exports._lsw_verify_open(this.address, address, n);
      return new Verify(this.heap, this.engine, this.heap.granted(verify));
    });
  }

  close(): void {
    this.heap.exports._lsw_model_close(this.address);
  }

  private tokenText(id: number): string {
    const address = this.heap.exports._lsw_token_bytes(this.address, id);
    return decoder.decode(this.heap.bytes(address, this.heap.exports._lsw_length()));
  }
}

export class Core {
  readonly kernel: string;
  readonly threads: number;

  private constructor(
    private readonly heap: Heap,
    private readonly sources: Map<number, ByteSource>,
    private readonly engine: number,
  ) {
    this.kernel = heap.string(heap.exports._lsw_engine_kernel(engine));
    this.threads = heap.exports._lsw_engine_threads(engine);
  }

  /** Instantiates the module; `kernel` names one of kernels(), the fastest when left out. */
  static async load(factory: CoreFactory, wasmBinary: ArrayBuffer, kernel = ''): Promise<Core> {
    const sources = new Map<number, ByteSource>();
    const hostRead: HostRead = (id, offset, target, n) => {
      try {
        sources.get(id)?.read(offset, heap.bytes(target, n));
        return sources.has(id) ? 0 : 1;
      } catch {
        return 1; // the core names the file and the offset
      }
    };
    const heap: Heap = new Heap((await factory({ wasmBinary, hostRead })) as Exports);
    const engine = heap.withString(kernel, (address) => heap.granted(heap.exports._lsw_engine_open(address)));
    return new Core(heap, sources, engine);
  }

  kernels(): string[] {
    const names: string[] = [];
    for (let i = 0, name = 0; (name = this.heap.exports._lsw_kernel_name(i)) !== 0; i++)
      names.push(this.heap.string(name));
    return names;
  }

  openModel(source: ByteSource): Model {
    return this.open(source, false);
  }

  /**
   * Judges a model by its header, as openModel would. The source has the size of the whole file; its reads may throw
   * beyond the header. The model that is returned tells its facts (no SHA-256) and tokenises; it opens no session.
   */
  checkModel(source: ByteSource): Model {
    return this.open(source, true);
  }

  private open(source: ByteSource, headerOnly: boolean): Model {
    const id = 1;
    this.sources.set(id, source);
    try {
      return this.heap.withString(source.name, (name) => {
        const { exports } = this.heap;
        const model = exports._lsw_model_open(this.engine, id, source.size, name, headerOnly ? 1 : 0);
        return new Model(this.heap, this.engine, this.heap.granted(model));
      });
    } finally {
      this.sources.delete(id);
    }
  }

  heapBytes(): number {
    return this.heap.exports.HEAPU8.length;
  }
}
