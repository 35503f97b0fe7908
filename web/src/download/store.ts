/**
 * Where models are kept. A model is a file of bytes and a record; the record is written last, so that what it says is
 * there, is there. An unfinished download has a record, too, as of its latest checkpoint.
 */
import type { ByteTarget } from '../import/bytes.ts';
import type { Checkpoint } from '../import/import-plan.ts';
import type { SavedHash, SavedWritten } from './hashes.ts';
import type { Reference, StoredAs, StoreFacts } from './protocol.ts';

export interface ModelRecord {
  readonly key: string;
  readonly name: string;
  readonly from: string;
  readonly licence: string | null;
  /** null for files from disk. */
  readonly reference: Reference | null;
  readonly storedAs: StoredAs;
  /** When it was published, milliseconds since 1970; null while it is unfinished. */
  readonly at: number | null;
  /** Of the stored file. */
  readonly bytes: number;
  /** Of weights: fetched so far and in all. */
  readonly done: number;
  readonly total: number;
  /** SHA-256 of the GGUF header: another one means that this importer would write another file. */
  readonly header: string;
  /** By file: the version that was being read. */
  readonly etags: Readonly<Record<string, string | null>>;
  /** Where to go on; null once published. Records of earlier versions lack `written`, and their downloads begin anew. */
  readonly stopped: {
    readonly at: Checkpoint;
    readonly hash: SavedHash;
    readonly written?: SavedWritten;
  } | null;
  readonly notes: readonly string[];
  /** Of the stored file, computed as it was written. */
  readonly sha256?: string;
}

/** The file of one model while it is written. At most one is open for a key. */
export interface Backing extends ByteTarget {
  /** What was written and then this record outlive the page, as far as the store does. */
  save(record: ModelRecord): Promise<void>;
  /** What is in it, written or saved. Nothing is written afterwards. */
  blob(): Promise<Blob>;
  close(): void | Promise<void>;
}

export interface Store {
  readonly where: StoreFacts['where'];
  /** Of all models, unfinished ones included. Clears away what has no record. */
  records(): Promise<readonly ModelRecord[]>;
  record(key: string): Promise<ModelRecord | null>;
  /** Opens the file of a key as its record left it, or empty where `fresh`. */
  open(key: string, fresh: boolean): Promise<Backing>;
  /** A published model's file. */
  blob(key: string): Promise<Blob>;
  /** The same file for workers to read directly, where the browser's file system has it. */
  handle(key: string): Promise<FileSystemFileHandle | null>;
  remove(key: string): Promise<void>;
}

/** True for every way in which browsers say that there is no room left. */
export function isQuota(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}
