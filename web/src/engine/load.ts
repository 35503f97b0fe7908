/** Chooses the build that this browser runs, and loads it. */
import { Core, type CoreFactory, type CoreModule } from '@core';
import { EngineError } from './protocol.ts';

/** A module of one function that needs i32x4.dot_i16x8_s, the instruction the SIMD build leans on. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version 1
  ...[1, 4, 1, 0x60, 0, 0], // one type: () -> ()
  ...[3, 2, 1, 0], // one function of it
  ...[10, 16, 1, 14, 0], // its code: 14 bytes, no locals
  ...[0x41, 0, 0xfd, 0x10, 0x41, 0, 0xfd, 0x10], // two i16x8.splat of zero
  ...[0xfd, 0xba, 0x01, 0x1a, 0x0b], // i32x4.dot_i16x8_s, drop, end
);

/** More than this many threads wait for memory, and a laptop wants to stay usable. */
const MOST_THREADS = 8;
/** How long threads may take to start before the engine does without. */
const THREADS_PATIENCE = 10_000;

export interface Loaded {
  readonly core: Core;
  /** Why the engine runs on one thread; null when on more. */
  readonly oneThread: string | null;
}

async function fetchBytes(url: string | URL): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok)
    throw new EngineError('download-failed', `The engine could not be fetched (HTTP ${response.status}).`);
  return response.arrayBuffer();
}

async function single(simd: boolean): Promise<CoreModule> {
  const [glue, wasm] = simd
    ? await Promise.all([import('@wasm/logitscope-simd.mjs'), import('@wasm/logitscope-simd.wasm?url')])
    : await Promise.all([import('@wasm/logitscope-scalar.mjs'), import('@wasm/logitscope-scalar.wasm?url')]);
  return { factory: glue.default, wasmBinary: await fetchBytes(wasm.default), shared: false };
}

/** Its workers load the loader again, so it is no part of the bundle. */
async function threaded(): Promise<CoreModule> {
  const loader = new URL(THREADS_LOADER, import.meta.url);
  const [glue, wasmBinary] = await Promise.all([
    import(/* @vite-ignore */ loader.href) as Promise<{ default: CoreFactory }>,
    fetchBytes(new URL('logitscope-threads.wasm', loader)),
  ]);
  return { factory: glue.default, wasmBinary, shared: true };
}

async function startThreads(threads: number): Promise<Core> {
  const core = await Promise.race([
    threaded().then((module) => Core.load(module, { threads })),
    new Promise<null>((resolve) => setTimeout(resolve, THREADS_PATIENCE, null)),
  ]);
  if (core === null) throw new Error('they did not answer');
  return core;
}

function whyOneThread(simd: boolean, processors: number): string | null {
  if (!self.crossOriginIsolated) return 'the page is not cross-origin isolated';
  if (!simd) return 'this browser has no WebAssembly SIMD';
  return processors < 2 ? 'the browser grants one processor' : null;
}

export async function loadCore(): Promise<Loaded> {
  if (typeof WebAssembly !== 'object')
    throw new EngineError('no-wasm', 'This browser does not run WebAssembly.');
  const simd = WebAssembly.validate(SIMD_PROBE);
  const processors = navigator.hardwareConcurrency;
  let oneThread = whyOneThread(simd, processors);
  if (oneThread === null) {
    try {
      return { core: await startThreads(Math.min(processors, MOST_THREADS)), oneThread };
    } catch (error) {
      oneThread = `threads could not be started: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return { core: await Core.load(await single(simd)), oneThread };
}
