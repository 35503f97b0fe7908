/**
 * What page and worker say to each other.
 *
 * The page sends requests, each with its own id, and `cancel`, which names a request. The worker answers each request
 * exactly once, with `answer` or `fault`; before that it may send any number of `progress`. Requests are handled one
 * after the other; `cancel` is seen between two steps of the work. A fault with `fatal` means that the engine's
 * memory can no longer be trusted: the page replaces the worker.
 *
 * Models travel as Blobs, which are references: the bytes are read in the worker, in pieces, once. One that is being
 * fetched comes over a port instead, outside of the order of requests.
 */
import type { ModelInfo, Settings, Verification } from '@core';
import type { Asked, Said } from './client.ts';

export interface ModelSource {
  readonly key: string;
  readonly name: string;
  readonly blob: Blob;
  /** The same file where it lies in the browser's file system; null where it lies elsewhere. */
  readonly handle: FileSystemFileHandle | null;
  /** What the file must have; null where nobody says. */
  readonly sha256: string | null;
  /** True where it was computed from these very bytes when they were stored: then it is not computed again. */
  readonly vouched: boolean;
}

/** A model whose bytes come over `port`: see receive.ts. */
export interface Incoming {
  readonly key: string;
  readonly name: string;
  /** At least the header, and the size of the whole file. */
  readonly header: Blob;
  readonly size: number;
  readonly port: MessagePort;
}

export type Work =
  | { readonly kind: 'warm' }
  | { readonly kind: 'open'; readonly source: ModelSource }
  /** Answered at once; the model is open when its last byte has come. A second one takes the first one's place. */
  | { readonly kind: 'receive'; readonly incoming: Incoming }
  /** Judge a model by its header; `header` holds at least that, `size` is that of the whole file. Nothing stays open. */
  | { readonly kind: 'check'; readonly name: string; readonly header: Blob; readonly size: number }
  | { readonly kind: 'tokenize'; readonly key: string; readonly text: string }
  | {
      readonly kind: 'analyze';
      readonly source: ModelSource;
      readonly text: string;
      readonly cut: boolean;
      readonly settings: Settings;
    }
  | { readonly kind: 'measure'; readonly key: string; readonly settings: Settings }
  | { readonly kind: 'csv'; readonly key: string; readonly settings: Settings }
  /** Holds an open model against a known-answer grid (JSON). */
  | { readonly kind: 'verify'; readonly key: string; readonly answers: string }
  /** Closes a model, or what came of it so far. */
  | { readonly kind: 'forget'; readonly key: string };

export interface Analysis {
  readonly json: string;
  readonly milliseconds: number;
  readonly heap: number;
}

/** The engine is there, though no model is. */
export interface Warm {
  /** Why it runs on one thread; null when on more. */
  readonly oneThread: string | null;
}

/** What each kind of work answers with. */
export interface Answers {
  readonly warm: Warm;
  readonly open: ModelInfo;
  readonly receive: null;
  readonly check: ModelInfo;
  readonly tokenize: number;
  readonly analyze: Analysis;
  readonly measure: Analysis;
  readonly csv: string;
  readonly verify: Verification;
  readonly forget: null;
}

export interface Step {
  readonly phase: 'load' | 'forward' | 'lens';
  readonly done: number;
  readonly total: number;
  readonly fraction: number;
}

export interface Fault {
  readonly status: string;
  readonly message: string;
  readonly offset: number | null;
}

export type ToWorker = { readonly kind: 'start'; readonly lock: string } | Asked<Work>;
export type FromWorker = Said<Answers[Work['kind']], Step>;

/** A fault as an exception, on either side. */
export class EngineError extends Error {
  readonly status: string;
  readonly offset: number | null;

  constructor(status: string, message: string, offset: number | null = null) {
    super(message);
    this.name = 'EngineError';
    this.status = status;
    this.offset = offset;
  }
}

export const CANCELLED = 'cancelled';

export function isCancelled(error: unknown): boolean {
  return error instanceof EngineError && error.status === CANCELLED;
}
