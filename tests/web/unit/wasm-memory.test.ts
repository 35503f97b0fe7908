/** Models that WebAssembly has no room for: refused with the numbers before anything of that size is asked for. */
import { describe, expect, it } from 'vitest';
import { CoreError } from '@core';
import type { ByteSource } from '@web/import/bytes.ts';
import { planTiny, safetensors, tinyFiles, TINY_SHAPES, type JsonRecord } from './import-helpers.ts';
import { loadCore } from './support/core.ts';

/** A checkpoint of that width whose weights nobody has: zeros where they should be. */
function wideFiles(width: number): ByteSource[] {
  let end = 0;
  const entries = Object.entries(TINY_SHAPES).map(([name, shape]) => {
    const wide = shape.map((dim) => (dim === 32 ? width : dim === 96 ? 3 * width : dim));
    const start = end;
    end += 4 * wide.reduce((product, dim) => product * dim, 1);
    const entry: JsonRecord = { dtype: 'F32', shape: wide, data_offsets: [start, end] };
    return [name, entry] as const;
  });
  const [config, tokenizer, weights] = tinyFiles({
    config: { n_embd: width },
    weights: safetensors(Object.fromEntries(entries)),
  }) as [ByteSource, ByteSource, ByteSource];
  return [config, tokenizer, { ...weights, size: weights.size + end }];
}

describe('a model that does not fit into WebAssembly', async () => {
  const core = await loadCore();
  it.each([
    // 3 x width x width floats: below 2^32 bytes, which the heap never has at once, and above.
    [18_688, 'out-of-memory', /not enough memory for .*\(\d{10} bytes\)/],
    [32_768, 'overflow', /would need \d+ items of \d+ bytes, more than this build can address/],
  ])('%s channels wide: %s', async (width, status, sentence) => {
    const plan = await planTiny(wideFiles(width));
    const source = {
      name: 'wide.gguf',
      size: plan.size,
      read: (offset: number, into: Uint8Array) => {
        into.set(plan.header.subarray(offset, offset + into.length));
      },
    };
    const refusal = ((): unknown => {
      try {
        core.openLoading(source, null).close();
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(CoreError);
    expect(refusal).toMatchObject({ status, message: expect.stringMatching(sentence) as string });
  });
});
