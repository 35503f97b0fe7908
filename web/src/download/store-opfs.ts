/**
 * Models in the origin's private file system: KEY.gguf, and beside it KEY.log, a line of JSON for each state of its
 * record, of which the last whole line counts. A crash in the middle of a line leaves the one before.
 */
import { EngineError } from '../engine/protocol.ts';
import type { Backing, ModelRecord, Store } from './store.ts';

const FOLDER = 'models';
const encoder = new TextEncoder();

export class OpfsStore implements Store {
  readonly where = 'opfs';
  readonly #folder: FileSystemDirectoryHandle;

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  static async open(): Promise<OpfsStore> {
    const root = await navigator.storage.getDirectory();
    return new OpfsStore(await root.getDirectoryHandle(FOLDER, { create: true }));
  }

  async records(): Promise<readonly ModelRecord[]> {
    const keys = new Set<string>();
    for await (const name of this.#folder.keys()) keys.add(name.replace(/\.(?:gguf|log)$/, ''));
    const records: ModelRecord[] = [];
    for (const key of keys) {
      const record = await this.record(key);
      if (record !== null) records.push(record);
      // A file that is open has no record before its first checkpoint, and cannot be removed.
      else await this.remove(key).catch(() => undefined);
    }
    return records;
  }

  async record(key: string): Promise<ModelRecord | null> {
    const log = await this.#file(`${key}.log`).catch(() => null);
    const lines = (await log?.text())?.split('\n') ?? [];
    // What follows the last line feed is no whole line.
    const last = lines.at(-2);
    return last === undefined ? null : (JSON.parse(last) as ModelRecord);
  }

  async open(key: string, fresh: boolean): Promise<Backing> {
    if (fresh) await this.remove(key).catch(refuseBusy);
    const data = await this.#access(`${key}.gguf`);
    const log = await this.#access(`${key}.log`).catch((error: unknown) => {
      data.close();
      throw error;
    });
    trimLog(log);
    return {
      write: (offset, bytes) => {
        writeAll(data, offset, bytes);
      },
      save: (record) => {
        data.flush();
        writeAll(log, log.getSize(), encoder.encode(`${JSON.stringify(record)}\n`));
        log.flush();
        return Promise.resolve();
      },
      blob: () => this.blob(key),
      close: () => {
        data.close();
        log.close();
      },
    };
  }

  async blob(key: string): Promise<Blob> {
    return (await this.handle(key)).getFile();
  }

  handle(key: string): Promise<FileSystemFileHandle> {
    return this.#folder.getFileHandle(`${key}.gguf`);
  }

  async remove(key: string): Promise<void> {
    // The record goes first: without it the bytes are nobody's.
    for (const name of [`${key}.log`, `${key}.gguf`])
      await this.#folder.removeEntry(name).catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
      });
  }

  async #file(name: string): Promise<File> {
    return (await this.#folder.getFileHandle(name)).getFile();
  }

  async #access(name: string): Promise<FileSystemSyncAccessHandle> {
    const handle = await this.#folder.getFileHandle(name, { create: true });
    return handle.createSyncAccessHandle().catch(refuseBusy);
  }
}

/** Takes off what a crash left of a line. */
function trimLog(log: FileSystemSyncAccessHandle): void {
  const bytes = new Uint8Array(log.getSize());
  log.read(bytes, { at: 0 });
  log.truncate(bytes.lastIndexOf(0x0a) + 1);
}

/**
 * A write that brings less than it was given means the same as one that throws. So does one that claims more: a full
 * private window of Chromium answers with a negative error number, read as an unsigned one.
 */
function writeAll(handle: FileSystemSyncAccessHandle, offset: number, bytes: Uint8Array<ArrayBuffer>): void {
  if (handle.write(bytes, { at: offset }) !== bytes.length) throw new DOMException('', 'QuotaExceededError');
}

/** A file of the private file system is open once at most, over all tabs. */
function refuseBusy(error: unknown): never {
  if (error instanceof DOMException && error.name === 'NoModificationAllowedError')
    throw new EngineError(
      'busy',
      'This model is being fetched in another tab; wait for it, or stop it there.',
    );
  throw error;
}
