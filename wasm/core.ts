/** The core behind typed objects: the same in the worker, in Node and in the tests. Addresses and lengths stop here. */
import { Heap, makeMemory, type Exports, type HostRead, type Progress } from './heap.ts';
import { Verify } from './verify.ts';

export type { Verification } from './verify.ts';

export { CoreError, type Progress } from './heap.ts';

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

/** What the Emscripten loader (build/wasm/logitscope-*.mjs) exports. */
export type CoreFactory = (options: {
  wasmBinary: ArrayBuffer;
  wasmMemory: WebAssembly.Memory;
  hostRead: HostRead;
  /** Of the engine; only the build with threads has more than one. */
  threads: number;
}) => Promise<unknown>;

/** One of the builds. */
export interface CoreModule {
  readonly factory: CoreFactory;
  readonly wasmBinary: ArrayBuffer;
  /** Whether its memory is shared between threads. */
  readonly shared: boolean;
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
      const copy = new Uint32Array(this.heap.copy(ids, count * 4).buffer);
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
    return this.heap.text(address, this.heap.exports._lsw_length());
  }
}

/** A model whose bytes are coming in: all of the file, from its first byte to its last, then `finish`. */
export class Loading {
  constructor(
    private readonly heap: Heap,
    private readonly engine: number,
    private readonly address: number,
  ) {}

  /** The next bytes of the file. They are copied, and taken in by the engine's threads while others are fetched. */
  feed(bytes: Uint8Array): void {
    const { exports } = this.heap;
    for (let left = bytes; left.length > 0;) {
      const room = exports._lsw_loading_room(this.address);
      // Where there is no more room, the core refuses what is left.
      const piece = left.subarray(0, exports._lsw_length() || left.length);
      if (exports._lsw_length() > 0) this.heap.bytes(room, piece.length).set(piece);
      this.heap.granted(exports._lsw_loading_feed(this.address, piece.length));
      left = left.subarray(piece.length);
    }
  }

  finish(): Model {
    const model = this.heap.exports._lsw_loading_finish(this.address);
    return new Model(this.heap, this.engine, this.heap.granted(model));
  }

  close(): void {
    this.heap.exports._lsw_loading_close(this.address);
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
  static async load(
    { factory, wasmBinary, shared }: CoreModule,
    { kernel = '', threads = 1 }: { kernel?: string; threads?: number } = {},
  ): Promise<Core> {
    const sources = new Map<number, ByteSource>();
    const memory = makeMemory(shared);
    const hostRead: HostRead = (id, offset, target, n) => {
      try {
        sources.get(id)?.read(offset, new Uint8Array(memory.buffer, target >>> 0, n));
        return sources.has(id) ? 0 : 1;
      } catch {
        return 1; // the core names the file and the offset
      }
    };
    const options = { wasmBinary, wasmMemory: memory, hostRead, threads };
    const heap = new Heap(memory, (await factory(options)) as Exports);
    const engine = heap.withString(kernel, (address) =>
      heap.granted(heap.exports._lsw_engine_open(address, threads)),
    );
    return new Core(heap, sources, engine);
  }

  kernels(): string[] {
    const names: string[] = [];
    for (let i = 0, name = 0; (name = this.heap.exports._lsw_kernel_name(i)) !== 0; i++)
      names.push(this.heap.string(name));
    return names;
  }

  /**
   * Judges a model by its header and makes room for it. The source has the size of the whole file, its reads may throw
   * beyond the header, and it is not used after the call. A `sha256` is taken for the file's without a look; null: it is
   * computed from what is fed.
   */
  openLoading(source: ByteSource, sha256: string | null): Loading {
    const { exports } = this.heap;
    const loading = this.heap.withString(sha256 ?? '', (digest) =>
      this.withSource(source, (id, name) =>
        exports._lsw_loading_open(this.engine, id, source.size, name, digest),
      ),
    );
    return new Loading(this.heap, this.engine, loading);
  }

  /** The same judgement alone. The model tells its facts (no SHA-256) and tokenises; it opens no session. */
  checkModel(source: ByteSource): Model {
    const { exports } = this.heap;
    const model = this.withSource(source, (id, name) =>
      exports._lsw_model_check(this.engine, id, source.size, name),
    );
    return new Model(this.heap, this.engine, model);
  }

  /** The address that `use` gives, while the core can read the source. */
  private withSource(source: ByteSource, use: (id: number, name: number) => number): number {
    const id = 1;
    this.sources.set(id, source);
    try {
      return this.heap.withString(source.name, (name) => this.heap.granted(use(id, name)));
    } finally {
      this.sources.delete(id);
    }
  }

  heapBytes(): number {
    return this.heap.memory.buffer.byteLength;
  }
}
