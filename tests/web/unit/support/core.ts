/** The engine's core in Node. */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Core, type CoreFactory } from '@core';
import { TestReader } from './blobs.ts';

const MODULE = fileURLToPath(new URL('../../../../build/wasm/logitscope-simd', import.meta.url));

export async function loadCore(): Promise<Core> {
  // The engine is built for workers; this is all of one that it asks for.
  Object.assign(globalThis, { self: { location: { href: import.meta.url } }, FileReaderSync: TestReader });
  const loader = (await import(pathToFileURL(`${MODULE}.mjs`).href)) as { default: CoreFactory };
  const wasmBinary = new Uint8Array(readFileSync(`${MODULE}.wasm`)).buffer;
  return Core.load({ factory: loader.default, wasmBinary, shared: false });
}
