/**
 * The work of the download worker: look a model up, fetch it into the store, hand it out, list, delete. Knows neither
 * worker nor page, so that the tests run it in Node.
 */
import { sha256 } from 'hash-wasm';
import { EngineError } from '../engine/protocol.ts';
import type { ByteSource } from '../import/bytes.ts';
import { planImport } from '../import/import.ts';
import type { ImportPlan } from '../import/import-plan.ts';
import { Access, type Pause } from './access.ts';
import type { Forward } from './forward.ts';
import { sha256Of } from './hashes.ts';
import { locate, type Located } from './locate.ts';
import type {
  DownloadStep,
  Fetched,
  Offer,
  PartialModel,
  Reference,
  RemoteFileFacts,
  StoredAs,
  StoredModel,
  StoreFacts,
} from './protocol.ts';
import { knownHash } from './remote.ts';
import { isSame, Run, type Prepared } from './run.ts';
import type { ModelRecord, Store } from './store.ts';

/** What one piece of work is given beside its request. */
export interface Context {
  readonly token: string | null;
  readonly signal: AbortSignal;
  readonly onStep?: (step: DownloadStep) => void;
  /** What is fetched goes there as well. */
  readonly forward?: Forward;
}

export interface DownloadsOptions {
  readonly endpoint: string;
  readonly store: Store;
  readonly pause?: Pause;
  /** The browser's figures; absent where it has none. */
  readonly estimate?: () => Promise<{ usage?: number; quota?: number }>;
}

export class Downloads {
  readonly #options: DownloadsOptions;
  /** What was offered in this session, by key. */
  readonly #offered = new Map<string, Prepared>();
  readonly #running = new Map<string, { readonly signal: AbortSignal; readonly ended: Promise<unknown> }>();

  constructor(options: DownloadsOptions) {
    this.#options = options;
  }

  /** Reads small files and headers only. */
  async inspect(reference: Reference, storedAs: StoredAs, context: Context): Promise<Offer> {
    await this.#left();
    const prepared = await this.#prepare(reference, storedAs, context);
    const { key, located, plan } = prepared;
    const record = await this.#options.store.record(key);
    this.#offered.set(key, prepared);
    return {
      key,
      name: plan.name,
      from: located.from,
      licence: located.licence,
      files: plan.parts.map(fileFacts),
      download: totalBytes(plan),
      have: record !== null && isSame(record, prepared) ? record.done : 0,
      stored: plan.size,
      header: plan.header,
      notes: plan.notes,
    };
  }

  /** Fetches what was offered. A file that changes on the way is begun anew, once. */
  async fetch(key: string, context: Context): Promise<Fetched> {
    const prepared = this.#offered.get(key);
    if (prepared === undefined)
      throw new EngineError(
        'not-offered',
        'Look this model up first; the download begins with what that finds.',
      );
    await this.#left();
    if (isPublished(await this.#options.store.record(key))) return this.take(key);
    if (this.#running.has(key)) throw new EngineError('busy', 'This model is being fetched already.');
    const fetching = this.#fetch(prepared, context);
    this.#running.set(key, { signal: context.signal, ended: fetching.catch(() => undefined) });
    try {
      return await fetching;
    } finally {
      this.#running.delete(key);
    }
  }

  async #fetch(prepared: Prepared, context: Context): Promise<Fetched> {
    try {
      return await this.#run(prepared, context);
    } catch (error) {
      if (!(error instanceof EngineError) || error.status !== 'changed') throw error;
      await this.#options.store.remove(prepared.key);
      const anew = await this.#prepare(prepared.reference, prepared.storedAs, context);
      const fetched = await this.#run(anew, context);
      return {
        ...fetched,
        notes: ['the files changed on the server on the way; fetched anew', ...fetched.notes],
      };
    }
  }

  /** A cancelled download first puts aside what it has; whoever asks for the store then is told of that. */
  async #left(): Promise<void> {
    const leaving = [...this.#running.values()].filter(({ signal }) => signal.aborted);
    await Promise.all(leaving.map(({ ended }) => ended));
  }

  async take(key: string): Promise<Fetched> {
    const { store } = this.#options;
    const record = await store.record(key);
    if (!isPublished(record))
      throw new EngineError('not-stored', 'This model is not in the store; fetch it again.');
    const blob = await store.blob(key);
    refuseOtherSize(blob, record.bytes);
    const { name, notes } = record;
    const kept = store.where !== 'memory';
    const sha256 = record.sha256 ?? (await this.#hash(record, blob));
    return { key, name, blob, handle: await store.handle(key), sha256, kept, notes };
  }

  /** For a record of an earlier version, read from the store. Where the record is not to be had now, it stays as it is. */
  async #hash(record: ModelRecord, blob: Blob): Promise<string> {
    const sha256 = await sha256Of(blob);
    const backing = await this.#options.store.open(record.key, false).catch(() => null);
    await backing?.save({ ...record, sha256 }).catch(() => undefined);
    await backing?.close();
    return sha256;
  }

  async list(): Promise<StoreFacts> {
    await this.#left();
    const { store, estimate } = this.#options;
    const records = await store.records();
    const { usage = null, quota = null } = (await estimate?.()) ?? {};
    return {
      models: records.flatMap(storedFacts),
      partial: records.filter(({ at }) => at === null).map(partialFacts),
      where: store.where,
      usage,
      quota,
    };
  }

  async remove(key: string): Promise<StoreFacts> {
    await this.#left();
    if (this.#running.has(key))
      throw new EngineError('busy', 'This model is being fetched; cancel that first.');
    await this.#options.store.remove(key);
    return this.list();
  }

  async #prepare(reference: Reference, storedAs: StoredAs, { token, signal }: Context): Promise<Prepared> {
    const access = new Access(this.#options.endpoint, this.#options.pause);
    access.token = token;
    access.signal = signal;
    const located = await locate(access, reference);
    const { files, from, name } = located;
    const plan = await planImport({ files, from, type: storedAs, name, signal });
    const key = await makeKey(located, storedAs);
    return { key, reference, storedAs, access, located, plan, header: await sha256(plan.header) };
  }

  async #run(prepared: Prepared, { token, signal, onStep, forward }: Context): Promise<Fetched> {
    prepared.access.token = token;
    prepared.access.signal = signal;
    const run = await Run.begin(prepared, this.#options.store, forward ?? null);
    const fetched = await run.finish(signal, onStep);
    refuseOtherSize(fetched.blob, prepared.plan.size);
    return fetched;
  }
}

/** A name for files and for people: "gpt2-q8-0-1f2e3d4c5b6a". */
async function makeKey({ identity, name }: Located, storedAs: StoredAs): Promise<string> {
  const slug = `${name}-${storedAs}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const hash = await sha256(`${identity}\n${storedAs}`);
  return `${slug.slice(0, 40)}-${hash.slice(0, 12)}`;
}

function isPublished(record: ModelRecord | null): record is ModelRecord {
  return record !== null && record.at !== null;
}

/** A SHA-256 is that of what was written: of a file that has another size it says nothing. */
function refuseOtherSize({ size }: Blob, bytes: number): void {
  if (size !== bytes)
    throw new EngineError(
      'damaged',
      `Of this model ${size} bytes are stored where ${bytes} were; delete it and fetch it again.`,
    );
}

function fileFacts(part: ByteSource): RemoteFileFacts {
  return { name: part.name, bytes: part.size, sha256: knownHash(part) };
}

function totalBytes(plan: ImportPlan): number {
  return plan.parts.reduce((sum, part) => sum + part.size, 0);
}

function storedFacts({
  key,
  name,
  from,
  licence,
  reference,
  storedAs,
  bytes,
  at,
}: ModelRecord): StoredModel[] {
  return at === null ? [] : [{ key, name, from, licence, reference, storedAs, bytes, at }];
}

function partialFacts({
  key,
  name,
  from,
  reference,
  storedAs,
  done,
  total,
  bytes,
}: ModelRecord): PartialModel {
  return { key, name, from, reference, storedAs, done, total, bytes };
}
