/** The one pass: whatever the chunks, wherever it goes on from, the bytes are the same. */
import { describe, expect, it } from 'vitest';
import { blobSource, type ByteSource } from '@web/import/bytes.ts';
import type { Checkpoint, ImportPlan } from '@web/import/import-plan.ts';
import {
  chunked,
  convert,
  MemoryTarget,
  numbered,
  planTiny,
  refusal,
  tinyFiles,
  TINY_SHAPES,
  weights,
} from './import-helpers.ts';

/** Two unusual weights in different tensors, so that checkpoints have something to carry. */
function unusualFiles(): ByteSource[] {
  const tensors = numbered(TINY_SHAPES);
  tensors.get('wte.weight')?.values.set([NaN]);
  tensors.get('h.0.mlp.c_fc.weight')?.values.set([Infinity]);
  return tinyFiles(weights(tensors));
}

const inChunks = (files: readonly ByteSource[], ...sizes: number[]): ByteSource[] =>
  files.map((file) => chunked(file, ...sizes));

/** With the bytes that were written by then. */
async function allCheckpoints(plan: ImportPlan): Promise<{ from: Checkpoint; end: number }[]> {
  const seen: { from: Checkpoint; end: number }[] = [];
  const target = new MemoryTarget(new Uint8Array(plan.size));
  await plan.run(target, {
    onCheckpoint: (at) =>
      void seen.push({ from: JSON.parse(JSON.stringify(at)) as Checkpoint, end: target.end }),
  });
  return seen;
}

describe('chunks of any size', () => {
  it.each([[1], [3], [31, 1, 0, 977], [4096], [1 << 30]])('of %s bytes and more', async (...sizes) => {
    const whole = await convert(unusualFiles(), { type: 'q8_0' });
    const cut = await convert(inChunks(unusualFiles(), ...sizes), { type: 'q8_0' });
    expect(Buffer.compare(cut.bytes, whole.bytes)).toBe(0);
    expect(cut.notes).toEqual(whole.notes);
  });

  it('a blob is a source like any other', async () => {
    const blobs = await Promise.all(
      tinyFiles().map(async (file) => blobSource(file.name, new Blob([await file.read(0, file.size)]))),
    );
    expect(Buffer.compare((await convert(blobs)).bytes, (await convert(tinyFiles())).bytes)).toBe(0);
  });

  it('hands over every byte of every part once, in order', async () => {
    const files = inChunks(tinyFiles(), 977);
    const seen: number[] = [];
    const { plan } = await convert(files, {}, { onRead: (_, bytes) => void seen.push(...bytes) });
    expect(plan.parts.map(({ name }) => name)).toEqual(['model.safetensors']);
    const file = files.find(({ name }) => name === 'model.safetensors');
    expect(Buffer.compare(Buffer.from(seen), (await file?.read(0, file.size)) ?? Buffer.of())).toBe(0);
  });
});

describe('going on', () => {
  it('from every checkpoint gives the same file and the same notes', async () => {
    const whole = await convert(unusualFiles(), { type: 'q8_0' });
    const checkpoints = await allCheckpoints(whole.plan);
    expect(checkpoints.length).toBeGreaterThan(16);
    for (const { from, end } of checkpoints) {
      const bytes = new Uint8Array(whole.plan.size).fill(0xa5);
      const cut = new Error('cut');
      const first = whole.plan.run(new MemoryTarget(bytes), {
        onCheckpoint: ({ offset }) => {
          if (offset === from.offset) throw cut;
        },
      });
      await expect(first).rejects.toBe(cut);
      let next = from.offset;
      const second = await (
        await planTiny(inChunks(unusualFiles(), 977), { type: 'q8_0' })
      ).run(new MemoryTarget(bytes, end), { from, onRead: (_, read) => void (next += read.length) });
      expect(next).toBe(whole.plan.parts[0]?.size);
      expect(Buffer.compare(bytes, whole.bytes), `from ${from.offset}`).toBe(0);
      expect(second).toEqual(whole.notes);
    }
  });

  it('refuses a place in the middle of a tensor', async () => {
    const plan = await planTiny(tinyFiles());
    const size = plan.parts[0]?.size ?? 0;
    const from = { part: 0, offset: size - 2, unusual: {} };
    const error = await refusal(() => plan.run(new MemoryTarget(new Uint8Array(plan.size)), { from }));
    expect(error).toMatchObject({ code: 'bad-argument', file: 'model.safetensors', offset: size - 2 });
  });
});

describe('what can go wrong on the way', () => {
  it('cancelling, before, during the plan and during the run', async () => {
    const gone = AbortSignal.abort(new Error('before'));
    await expect(planTiny(tinyFiles(), { signal: gone })).rejects.toThrow('before');
    const planning = new AbortController();
    const onStage = (): void => {
      planning.abort(new Error('planning'));
    };
    await expect(planTiny(tinyFiles(), { signal: planning.signal, onStage })).rejects.toThrow('planning');
    const running = new AbortController();
    let reads = 0;
    const onRead = (): void => {
      if (++reads === 3) running.abort(new Error('running'));
    };
    const work = convert(inChunks(tinyFiles(), 50), {}, { signal: running.signal, onRead });
    await expect(work).rejects.toThrow('running');
    expect(reads).toBe(3);
  });

  const streaming = (change: (all: Uint8Array) => Uint8Array[]): ByteSource[] =>
    tinyFiles().map((file) => ({
      ...file,
      async *stream(from: number) {
        yield* change(await file.read(from, file.size - from));
      },
    }));

  it.each([
    ['ends early', (all: Uint8Array) => [all.subarray(0, 999)], /ended at byte 999 of \d+/],
    ['goes on', (all: Uint8Array) => [all, Uint8Array.of(1)], /goes on after its \d+ bytes/],
    ['is empty', () => [], /ended at byte 0/],
  ])('a stream that %s', async (_, change, sentence) => {
    const error = await refusal(() => convert(streaming(change)));
    expect(error).toMatchObject({ code: 'read-failed', file: 'model.safetensors' });
    expect(error.message).toMatch(sentence);
  });

  it('what the source throws comes out, and its stream is closed', async () => {
    let closed = false;
    const files = tinyFiles().map((file) => ({
      ...file,
      async *stream(from: number) {
        try {
          yield await file.read(from, 100);
          yield await file.read(100, 100);
        } finally {
          closed = true;
        }
      },
    }));
    const onRead = (): void => {
      throw new Error('disk full');
    };
    await expect(convert(files, {}, { onRead })).rejects.toThrow('disk full');
    expect(closed).toBe(true);
  });

  it('reads and writes a part at a time', async () => {
    const rows = 60_000;
    const folder = {
      ...weights(numbered({ ...TINY_SHAPES, 'wte.weight': [rows, 32] })),
      config: { vocab_size: rows },
    };
    const plan = await planTiny(tinyFiles(folder));
    const sizes: number[] = [];
    await plan.run({ write: (offset, { length }) => void sizes.push(offset > 0 ? length : 0) });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1 << 20);
  });
});
