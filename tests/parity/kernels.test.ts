/** The kernels of the WebAssembly build and its SHA-256, each against its specification in plain C. */
import { expect, it } from 'vitest';
import { runInNode } from './builds.ts';

it('gives the same bits in WebAssembly SIMD as in plain C', async () => {
  expect(await runInNode('foreign_kernels', 'tests/parity')).toEqual(['equal bits: simd128, scalar']);
});
