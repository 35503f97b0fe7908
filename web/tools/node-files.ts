/** Files on this machine as the importer's sources and sinks. */
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ByteSink, ByteSource } from '../src/import/bytes.ts';

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
  };
}

/** Purpose: let `produce` write a file. It appears under `path` only when all is well; until then, and when
 * anything fails, there is nothing but a temporary file beside it, which is removed. */
export async function writeFileAtomically<T>(
  path: string,
  produce: (sink: ByteSink) => Promise<T>,
): Promise<T> {
  const part = `${path}.${process.pid}.part`;
  const file = await open(part, 'w');
  try {
    const result = await produce((chunk) => file.writeFile(chunk));
    await file.close();
    await rename(part, path);
    return result;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}
