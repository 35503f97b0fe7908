/** From a Reference to the files it means, wherever they are. */
import { blobSource, type ByteSource } from '../import/bytes.ts';
import type { Access } from './access.ts';
import { openAddress } from './anywhere.ts';
import { lookUp } from './hub.ts';
import type { Reference } from './protocol.ts';

export interface Located {
  /** What tells this model from all others; two of the same files are alike. */
  readonly identity: string;
  /** The name that the model gets where its files give it none. */
  readonly name: string;
  /** For people. */
  readonly from: string;
  readonly licence: string | null;
  readonly files: readonly ByteSource[];
}

export async function locate(access: Access, reference: Reference): Promise<Located> {
  switch (reference.kind) {
    case 'hub': {
      const { id, commit, licence, files } = await lookUp(access, reference);
      const file = reference.file === null ? '' : `/${reference.file}`;
      const from = `${id}${file} at ${commit.slice(0, 7)}`;
      return { identity: `${id}@${commit}${file}`, name: stem(reference.file ?? id), from, licence, files };
    }
    case 'url': {
      const { host, pathname } = new URL(reference.url);
      const files = await openAddress(access, reference.url);
      const from = `${host}${decodeURIComponent(pathname)}`;
      return { identity: reference.url, name: stem(pathname), from, licence: null, files };
    }
    case 'files': {
      const { name } = reference;
      const files = reference.files.map((file) => blobSource(file.name, file));
      const identity = reference.files
        .map((file) => `${file.name} ${file.size} ${file.lastModified}`)
        .join('\n');
      return { identity: `${name}\n${identity}`, name: stem(name), from: name, licence: null, files };
    }
  }
}

/** The last part of a path, without the end that names the format. */
function stem(path: string): string {
  const last = decodeURIComponent(path.split('/').findLast((part) => part !== '') ?? '');
  return last.replace(/(?:-\d{5}-of-\d{5})?\.(?:gguf|safetensors|safetensors\.index\.json)$/i, '');
}
