import { describe, expect, it } from 'vitest';
import { ADDRESSABLE, judgeMemory, memoryNeed, memoryRoom } from '@web/state/memory.ts';

const GIB = 1024 ** 3;
const SMALL = { context: 256, resident: 2_000_000, session_base: 1000, session_position: 10 };

describe('the memory of a model', () => {
  it('is stated for the context where that is short, for 512 tokens where it is long', () => {
    expect(memoryNeed(SMALL)).toMatchObject({ weights: 2_000_000, text: 3560, tokens: 256 });
    expect(memoryNeed({ ...SMALL, context: 131_072 })).toMatchObject({ text: 6120, tokens: 512 });
    const { weights, text, engine, total } = memoryNeed(SMALL);
    expect(weights + text + engine).toBe(total);
  });

  it('is measured against the address space, or a smaller device', () => {
    expect(memoryRoom(null)).toEqual({ bytes: ADDRESSABLE, limit: 'wasm' });
    expect(memoryRoom(8)).toEqual({ bytes: ADDRESSABLE, limit: 'wasm' });
    expect(memoryRoom(2)).toEqual({ bytes: 2 * GIB, limit: 'device' });
  });

  it('fits, fits tightly, or not, and says so with both numbers', () => {
    expect(judgeMemory(SMALL, 8)).toMatchObject({ fits: 'yes' });
    const tight = judgeMemory({ ...SMALL, resident: 3.2 * GIB }, 8);
    expect(tight).toMatchObject({ fits: 'tight' });
    expect(tight.sentence).toMatch(/3\.50 GB.*256 tokens.*4\.29 GB.*close other tabs/);
    const none = judgeMemory({ ...SMALL, resident: 4.1 * GIB }, 8);
    expect(none).toMatchObject({ fits: 'no' });
    expect(none.sentence).toMatch(/4\.47 GB.*4\.29 GB/);
    expect(judgeMemory({ ...SMALL, resident: 1.2 * GIB }, 1).sentence).toContain(
      'this device has about 1.07 GB',
    );
  });
});
