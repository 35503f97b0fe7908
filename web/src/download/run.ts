/**
 * One download from its beginning, or from where an earlier one stopped, to its end: the importer's plan into the store,
 * every byte hashed on the way, as it is read and as it is written, the state put aside every few megabytes.
 */
import { EngineError } from '../engine/protocol.ts';
import type { ByteSource } from '../import/bytes.ts';
import type { Checkpoint, ImportPlan } from '../import/import-plan.ts';
import type { Access } from './access.ts';
import { Draft } from './draft.ts';
import type { Forward } from './forward.ts';
import { Hashes, WrittenHash } from './hashes.ts';
import type { Located } from './locate.ts';
import type { DownloadStep, Fetched, Reference, StoredAs } from './protocol.ts';
import { RemoteFile } from './remote.ts';
import type { ModelRecord, Store } from './store.ts';

/** A model that was looked up. */
export interface Prepared {
  readonly key: string;
  readonly reference: Reference;
  readonly storedAs: StoredAs;
  readonly access: Access;
  readonly located: Located;
  readonly plan: ImportPlan;
  /** SHA-256 of the plan's header. */
  readonly header: string;
}

/** Weights fetched between two states that are put aside. */
const BETWEEN = 4 << 20;

export class Run {
  readonly #prepared: Prepared;
  readonly #store: Store;
  readonly #draft: Draft;
  readonly #hashes: Hashes;
  readonly #total: number;
  /** Bytes of weights read, and as of the latest record. */
  #done: number;
  #saved: number;
  #stopped: ModelRecord['stopped'];

  private constructor(
    prepared: Prepared,
    store: Store,
    draft: Draft,
    hashes: Hashes,
    from: ModelRecord['stopped'],
  ) {
    this.#prepared = prepared;
    this.#store = store;
    this.#draft = draft;
    this.#hashes = hashes;
    this.#total = prepared.plan.parts.reduce((sum, part) => sum + part.size, 0);
    this.#done = from === null ? 0 : bytesBefore(prepared.plan.parts, from.at);
    this.#saved = this.#done;
    this.#stopped = from;
  }

  /** Takes up what an earlier run of the same plan over the same files left, if anything. */
  static async begin(prepared: Prepared, store: Store, forward: Forward | null): Promise<Run> {
    const { key, plan } = prepared;
    const record = await store.record(key);
    const from = record !== null && isSame(record, prepared) ? record.stopped : null;
    const hashes = await Hashes.create(plan.parts, from?.hash ?? null);
    const written = await WrittenHash.create(from?.written ?? null);
    const draft = new Draft(await store.open(key, from === null), written, forward);
    return new Run(prepared, store, draft, hashes, from);
  }

  /** Fetches the rest and publishes. What was fetched stays when this fails, unless it is not what it should be. */
  async finish(signal: AbortSignal, onStep: ((step: DownloadStep) => void) | undefined): Promise<Fetched> {
    const { key, plan } = this.#prepared;
    try {
      const notes = [...plan.notes, ...(await this.#import(signal, onStep))];
      const sha256 = this.#draft.written.digest();
      const blob = await this.#draft.finish({ ...this.#record(null), at: Date.now(), notes, sha256 });
      const kept = this.#draft.kept && this.#store.where !== 'memory';
      const full = this.#draft.kept
        ? []
        : ['the browser has no room left for this model: it works until the page is closed'];
      return {
        key,
        name: plan.name,
        blob,
        handle: kept ? await this.#store.handle(key) : null,
        sha256: kept ? sha256 : null,
        kept,
        notes: [...notes, ...full],
      };
    } catch (error) {
      const isUseless = error instanceof EngineError && error.status === 'hash-mismatch';
      if (!isUseless && this.#stopped !== null)
        await this.#draft.save(this.#record(this.#stopped)).catch(() => undefined);
      await this.#draft.close();
      if (isUseless) await this.#store.remove(key);
      throw error;
    }
  }

  #import(
    signal: AbortSignal,
    onStep: ((step: DownloadStep) => void) | undefined,
  ): Promise<readonly string[]> {
    const { parts } = this.#prepared.plan;
    const report = (part: number): void =>
      onStep?.({ done: this.#done, total: this.#total, file: parts[part]?.name ?? '' });
    report(this.#stopped?.at.part ?? 0);
    return this.#prepared.plan.run(this.#draft, {
      ...(this.#stopped === null ? {} : { from: this.#stopped.at }),
      signal,
      onRead: (part, bytes) => {
        this.#hashes.add(part, bytes);
        this.#done += bytes.length;
        report(part);
      },
      onCheckpoint: (at) => this.#checkpoint(at),
    });
  }

  async #checkpoint(at: Checkpoint): Promise<void> {
    this.#stopped = { at, hash: this.#hashes.save(), written: this.#draft.written.save() };
    if (this.#done - this.#saved < BETWEEN) return;
    this.#saved = this.#done;
    await this.#draft.save(this.#record(this.#stopped));
  }

  #record(stopped: ModelRecord['stopped']): ModelRecord {
    const { key, reference, storedAs, located, plan, header } = this.#prepared;
    return {
      key,
      name: plan.name,
      from: located.from,
      licence: located.licence,
      reference: reference.kind === 'files' ? null : reference,
      storedAs,
      at: null,
      bytes: plan.size,
      done: stopped === null ? this.#total : bytesBefore(plan.parts, stopped.at),
      total: this.#total,
      header,
      etags: Object.fromEntries(plan.parts.map((part) => [part.name, etagOf(part)])),
      stopped,
      notes: [],
    };
  }
}

function etagOf(part: ByteSource): string | null {
  return part instanceof RemoteFile ? part.etag : null;
}

/** Whether what the record says was written is what this plan would have written, and can be gone on from. */
export function isSame(record: ModelRecord, { plan, header }: Prepared): boolean {
  if (record.header !== header) return false;
  if (record.stopped !== null && record.stopped.written === undefined) return false;
  return plan.parts.every((part) => {
    const [before, now] = [record.etags[part.name] ?? null, etagOf(part)];
    return before === null || now === null || before === now;
  });
}

function bytesBefore(parts: readonly ByteSource[], { part, offset }: Checkpoint): number {
  return parts.slice(0, part).reduce((sum, { size }) => sum + size, offset);
}
