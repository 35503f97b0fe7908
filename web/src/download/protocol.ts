/**
 * What page and download worker say to each other. Everything a person must know before anything large is fetched is
 * in an Offer; nothing is fetched but small files and headers until `fetch`, and that only because a button was pressed.
 *
 * The page sends requests, each with its own id, and `cancel`, which names a request. The worker answers each request
 * exactly once, with `answer` or `fault`; before that it may send any number of `progress`. The envelope is the
 * engine's (engine/client.ts); only what is asked and answered differs.
 */
import type { Asked, Said } from '../engine/client.ts';

/** What a person pointed at. */
export type Reference =
  /** A repository on the Hub; `file` names one .gguf in it (the first of its shards), null takes its safetensors. */
  | {
      readonly kind: 'hub';
      readonly id: string;
      readonly revision: string | null;
      readonly file: string | null;
    }
  /** A .gguf, or a .safetensors or index beside its config.json and tokenizer.json, on any server with CORS. */
  | { readonly kind: 'url'; readonly url: string }
  /** Files or a folder from disk: .gguf shards, or config.json, tokenizer.json and weights. */
  | { readonly kind: 'files'; readonly files: readonly File[]; readonly name: string };

/** How matrices of a float checkpoint are stored; a .gguf keeps its own types. */
export type StoredAs = 'q8_0' | 'f16' | 'f32';

export interface RemoteFileFacts {
  readonly name: string;
  readonly bytes: number;
  /** The Hub's LFS oid, against which the bytes are checked as they stream; null where it names none. */
  readonly sha256: string | null;
}

/** What would be fetched and kept. `header` is the whole GGUF header that the core checks before anything else. */
export interface Offer {
  /** Names the model in the store: the same reference, revision and type give the same key. */
  readonly key: string;
  readonly name: string;
  /** For people: "openai-community/gpt2 at 607a30d", a URL's host and path, a folder's name. */
  readonly from: string;
  readonly licence: string | null;
  readonly files: readonly RemoteFileFacts[];
  /** Bytes of weights to fetch, over all files. */
  readonly download: number;
  /** Of those, bytes that an earlier try already brought. */
  readonly have: number;
  /** Bytes of the GGUF that is kept. */
  readonly stored: number;
  readonly header: Uint8Array<ArrayBuffer>;
  /** What a person should know: fallbacks, unusual files. */
  readonly notes: readonly string[];
}

/** A model in the store. */
export interface StoredModel {
  readonly key: string;
  readonly name: string;
  readonly from: string;
  readonly licence: string | null;
  /** What was fetched; null for files from disk. */
  readonly reference: Reference | null;
  readonly storedAs: StoredAs;
  readonly bytes: number;
  /** When it was published, milliseconds since 1970. */
  readonly at: number;
}

/** An unfinished download. */
export interface PartialModel {
  readonly key: string;
  readonly name: string;
  readonly from: string;
  /** What to inspect again; null for files from disk, which have to be chosen again. */
  readonly reference: Reference | null;
  readonly storedAs: StoredAs;
  /** Of weights, fetched so far and in all. */
  readonly done: number;
  readonly total: number;
  /** That it takes in the store. */
  readonly bytes: number;
}

export interface StoreFacts {
  readonly models: readonly StoredModel[];
  /** Unfinished downloads, which go on where they stopped: inspect the reference again, then fetch its key. */
  readonly partial: readonly PartialModel[];
  /** Where models are kept: memory means that they are gone when the page is. */
  readonly where: 'opfs' | 'cache' | 'memory';
  /** From the browser, where it tells. */
  readonly usage: number | null;
  readonly quota: number | null;
}

export interface Fetched {
  readonly key: string;
  readonly name: string;
  /** A reference to the stored file, or the bytes themselves where `kept` is false. */
  readonly blob: Blob;
  /** The stored file in the browser's file system; null where it is kept elsewhere, or not at all. */
  readonly handle: FileSystemFileHandle | null;
  /** Of these bytes, as they were written; null where nothing is kept. */
  readonly sha256: string | null;
  /** False when the browser's quota was exceeded on the way: the model works until the page is closed. */
  readonly kept: boolean;
  readonly notes: readonly string[];
}

export type DownloadWork =
  | {
      readonly kind: 'inspect';
      readonly reference: Reference;
      readonly storedAs: StoredAs;
      readonly token: string | null;
    }
  /** Fetches what `inspect` offered under this key, from where an earlier try stopped. `port`: to the engine, which takes it in. */
  | {
      readonly kind: 'fetch';
      readonly key: string;
      readonly token: string | null;
      readonly port?: MessagePort;
    }
  /** A published model's file. */
  | { readonly kind: 'take'; readonly key: string }
  | { readonly kind: 'list' }
  /** Deletes a model, or an unfinished download. */
  | { readonly kind: 'remove'; readonly key: string };

export interface DownloadAnswers {
  readonly inspect: Offer;
  readonly fetch: Fetched;
  readonly take: Fetched;
  readonly list: StoreFacts;
  readonly remove: StoreFacts;
}

/** Bytes over all files. Speed and time left are the page's to derive from when it hears of them. */
export interface DownloadStep {
  readonly done: number;
  readonly total: number;
  /** The file that is being read. */
  readonly file: string;
}

/** `start` comes first: `endpoint` is the Hub's origin, from the page's <meta name="logitscope-hub">. */
export type ToDownloadWorker =
  { readonly kind: 'start'; readonly lock: string; readonly endpoint: string } | Asked<DownloadWork>;

export type FromDownloadWorker = Said<DownloadAnswers[DownloadWork['kind']], DownloadStep>;
