/**
 * What an import is before it runs: everything about the result but its weights. planImport (import.ts) makes it from
 * headers and small files; `run` then reads every part once, from its first byte to its last, and writes the GGUF from
 * its first byte to its last. Page, worker and Node use it alike.
 */
import type { ByteSource, ByteTarget } from './bytes.ts';
import type { StoredType } from './quantise.ts';

export interface ImportRequest {
  /** What is there; others than the files needed may be among them. */
  readonly files: readonly ByteSource[];
  /** Where they are from, for messages: a folder, a repository. */
  readonly from: string;
  /** How matrices of a float checkpoint are stored; a .gguf keeps its own types. */
  readonly type: StoredType;
  /** general.name, where the source does not bring its own. */
  readonly name: string;
  readonly signal?: AbortSignal;
  /** One line for each stage of the work. */
  readonly onStage?: (line: string) => void;
}

/**
 * A place to go on from: every byte before `offset` of part number `part`, and all parts before it, have been given to
 * onRead, and what follows from them is in the target. Plain data: it survives JSON.
 */
export interface Checkpoint {
  readonly part: number;
  readonly offset: number;
  /** By tensor: weights that are NaN or infinite so far, and those too large for their type. */
  readonly unusual: Readonly<Record<string, readonly [notFinite: number, tooLarge: number]>>;
}

export interface RunHooks {
  /** Where an earlier run stopped; the target holds what that run had written by then, and is written on from there. */
  readonly from?: Checkpoint;
  readonly signal?: AbortSignal;
  /** Every byte of a part, in order, exactly once, as it is consumed. Valid during the call only. */
  readonly onRead?: (part: number, bytes: Uint8Array) => void;
  /** After every megabyte or so, and wherever a tensor ends; the caller keeps those that it wants. */
  readonly onCheckpoint?: (at: Checkpoint) => void | Promise<void>;
}

export interface ImportPlan {
  /** For people: general.name of the result. */
  readonly name: string;
  /** general.architecture. */
  readonly architecture: string;
  readonly parameters: number;
  readonly tensors: number;
  /** The GGUF up to its data, complete: the core can judge it before any weights are fetched. */
  readonly header: Uint8Array<ArrayBuffer>;
  /** Bytes of the whole GGUF. */
  readonly size: number;
  /** The files with the weights in reading order. */
  readonly parts: readonly ByteSource[];
  /** What a person should know. */
  readonly notes: readonly string[];
  /**
   * Writes all of the GGUF, header included, in order and without a hole. Returns further notes. Throws ImportError for
   * anything wrong with the parts, the signal's reason when cancelled, and what sources, target and hooks throw.
   */
  run(target: ByteTarget, hooks?: RunHooks): Promise<readonly string[]>;
}
