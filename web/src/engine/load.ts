/** Chooses the build that this browser runs, and loads it. */
import { Core, type CoreFactory } from '@core';
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

async function parts(simd: boolean): Promise<{ factory: CoreFactory; url: string }> {
  const [glue, wasm] = simd
    ? await Promise.all([import('@wasm/logitscope-simd.mjs'), import('@wasm/logitscope-simd.wasm?url')])
    : await Promise.all([import('@wasm/logitscope-scalar.mjs'), import('@wasm/logitscope-scalar.wasm?url')]);
  return { factory: glue.default, url: wasm.default };
}

export async function loadCore(): Promise<Core> {
  if (typeof WebAssembly !== 'object')
    throw new EngineError('no-wasm', 'This browser does not run WebAssembly.');
  const { factory, url } = await parts(WebAssembly.validate(SIMD_PROBE));
  const response = await fetch(url);
  if (!response.ok)
    throw new EngineError('download-failed', `The engine could not be fetched (HTTP ${response.status}).`);
  return Core.load(factory, await response.arrayBuffer());
}
