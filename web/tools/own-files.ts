/**
 * Files of the built page that must stay files of their own, so that a strict Content-Security-Policy can name them:
 * the build of the core with threads, whose workers load the very file that started them, and the service worker.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Asks for isolation on behalf of hosts that send no headers. What comes from elsewhere is none of its business. */
const ISOLATION = `addEventListener('fetch', (event) => {
  if (new URL(event.request.url).origin !== location.origin) event.stopImmediatePropagation();
});
importScripts('./coi-serviceworker.min.js');
`;

interface Asset {
  readonly fileName: string;
  readonly source: Uint8Array | string;
}

/** Loader, module and, where this Emscripten has one, the worker's script: side by side, in a folder named by content. */
function threadsBuild(folder: string): { loader: string; assets: Asset[] } {
  const names = readdirSync(folder).filter((name) => name.startsWith('logitscope-threads.'));
  const hash = createHash('sha256');
  const sources = names.sort().map((name) => ({ name, source: readFileSync(join(folder, name)) }));
  for (const { source } of sources) hash.update(source);
  const place = `threads-${hash.digest('hex').slice(0, 8)}`;
  const assets = sources.map(({ name, source }) => ({ fileName: `assets/${place}/${name}`, source }));
  return { loader: `./${place}/logitscope-threads.mjs`, assets };
}

/** `wasm` is the folder of the core's builds, `coi` that of the package coi-serviceworker. */
export function ownFiles({ wasm, coi }: { wasm: string; coi: string }): Plugin {
  const { loader, assets } = threadsBuild(wasm);
  const worker = 'coi-serviceworker.min.js';
  return {
    name: 'own-files',
    apply: 'build',
    config: () => ({ define: { THREADS_LOADER: JSON.stringify(loader) } }),
    generateBundle() {
      const isolation: Asset[] = [
        { fileName: 'isolation.js', source: ISOLATION },
        { fileName: worker, source: readFileSync(join(coi, worker)) },
      ];
      for (const asset of [...assets, ...isolation]) this.emitFile({ type: 'asset', ...asset });
    },
  };
}
