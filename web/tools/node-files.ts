/** Files on this machine as the importer's sources and targets. */
import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ByteSource, ByteTarget } from '../src/import/bytes.ts';

const CHUNK_BYTES = 1 << 20;

/** The plain files of a folder, opened only when they are read. */
export async function folderSources(folder: string): Promise<ByteSource[]> {
  const sources: ByteSource[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => null);
    if (facts?.isFile()) sources.push(fileSource(path, facts.size));
  }
  return sources;
}

function fileSource(path: string, size: number): ByteSource {
  return {
    name: basename(path),
    size,
    async read(offset, length) {
      const file = await open(path, 'r');
      try {
        const bytes = new Uint8Array(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      } finally {
        await file.close();
      }
    },
    stream: (from) => createReadStream(path, { start: from, highWaterMark: CHUNK_BYTES }),
  };
}

function fileTarget(file: FileHandle): ByteTarget {
  return {
    async write(offset, bytes) {
      for (let written = 0; written < bytes.length;) {
        const step = await file.write(bytes, written, bytes.length - written, offset + written);
        written += step.bytesWritten;
      }
    },
  };
}

/** Purpose: let `produce` write a file. It appears under `path` only when all is well; until then, and when
 * anything fails, there is nothing but a temporary file beside it, which is removed. */
export async function writeFileAtomically<T>(
  path: string,
  produce: (target: ByteTarget) => Promise<T>,
): Promise<T> {
  const part = `${path}.${process.pid}.part`;
  const file = await open(part, 'w');
  try {
    const result = await produce(fileTarget(file));
    await file.close();
    await rename(part, path);
    return result;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}
