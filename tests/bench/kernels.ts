/** Runs the bare kernels of the WebAssembly build in Node (kernels.c says what is printed): node tests/bench/kernels.ts */
import { readFileSync } from 'node:fs';

const base = new URL('../../build/wasm/tests/bench/kernels', import.meta.url).href;

/* The loader is built for workers; this is all of a worker that it asks for. */
Object.assign(globalThis, { self: { location: { href: base } } });
const { default: run } = (await import(`${base}.mjs`)) as {
  default: (options: { wasmBinary: Uint8Array; print: (line: string) => void }) => Promise<unknown>;
};
await run({ wasmBinary: readFileSync(new URL(`${base}.wasm`)), print: console.log });
