/** A model from a Blob into the engine: read piece by piece, and given up at any of them. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '@core';
import { openModel } from '@web/engine/open-model.ts';
import { TestBlob } from './support/blobs.ts';
import { FILE, SHA256 } from './support/builtin.ts';
import { loadCore } from './support/core.ts';

/** Chunks of some size, counted; then the end, or what `last` does. */
class Chunks {
  given = 0;
  cancelled = false;

  stream(
    size: number,
    end: number,
    last = (c: ReadableStreamDefaultController) => {
      c.close();
    },
  ): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          if (this.given >= end) {
            last(controller);
            return;
          }
          controller.enqueue(FILE.slice(this.given, Math.min(end, this.given + size)));
          this.given = Math.min(end, this.given + size);
        },
        cancel: () => {
          this.cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
  }
}

const between = (): Promise<void> => Promise.resolve();

function source(stream: () => ReadableStream<Uint8Array>) {
  return {
    key: 'm',
    name: 'test.gguf',
    blob: new TestBlob(FILE, stream) as unknown as Blob,
    sha256: null,
    handle: null,
    vouched: false,
  };
}

/** A file of the browser's file system, read by whoever may. */
class Handle {
  closed = 0;
  readonly denied: boolean;

  constructor(denied = false) {
    this.denied = denied;
  }

  createSyncAccessHandle(options: unknown): Promise<unknown> {
    if (this.denied) return Promise.reject(new DOMException('', 'NoModificationAllowedError'));
    expect(options).toEqual({ mode: 'read-only' });
    return Promise.resolve({
      read: (into: Uint8Array, { at }: { at: number }) => {
        const piece = FILE.subarray(at, at + into.length);
        into.set(piece);
        return piece.length;
      },
      close: () => (this.closed += 1),
    });
  }
}

describe('opening a model from a Blob', () => {
  let core: Core;
  beforeAll(async () => {
    core = await loadCore();
  });

  it.each([
    ['a stream that fills a buffer of ours', () => new Blob([FILE]).stream()],
    ['a stream that brings its own', () => new Chunks().stream(100_003, FILE.length)],
  ])('%s', async (_, stream) => {
    const seen: number[] = [];
    const model = await openModel(core, source(stream), (done) => Promise.resolve(void seen.push(done)));
    expect(model.info.sha256).toBe(SHA256);
    expect(seen.at(-1)).toBe(FILE.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    model.close();
  });

  it.each(['read directly', 'of another tab, through its Blob'])(
    'out of the browser’s file system, %s',
    async (way) => {
      const denied = !way.startsWith('read');
      const chunks = new Chunks();
      const handle = new Handle(denied);
      const stored = {
        ...source(() => chunks.stream(100_003, FILE.length)),
        handle: handle as unknown as FileSystemFileHandle,
      };
      const model = await openModel(core, stored, between);
      expect(model.info.sha256).toBe(SHA256);
      expect(handle.closed).toBe(denied ? 0 : 1);
      expect(chunks.given).toBe(denied ? FILE.length : 0);
      model.close();
      const stop = new Error('enough');
      chunks.given = 0;
      await expect(openModel(core, stored, () => Promise.reject(stop))).rejects.toBe(stop);
      expect(handle.closed).toBe(denied ? 0 : 2);
    },
  );

  it('takes a SHA-256 for true that is vouched for, and computes one that is only expected', async () => {
    const another = '5'.repeat(64);
    const stream = () => new Blob([FILE]).stream();
    for (const vouched of [true, false]) {
      const model = await openModel(core, { ...source(stream), sha256: another, vouched }, between);
      expect(model.info.sha256).toBe(vouched ? another : SHA256);
      model.close();
    }
  });

  it('ends between two pieces when it is told to, and leaves nothing behind', async () => {
    const heap = core.heapBytes();
    for (let times = 0; times < 20; times++) {
      const chunks = new Chunks();
      const stop = new Error('enough');
      const opening = openModel(
        core,
        source(() => chunks.stream(100_000, FILE.length)),
        (done) => (done > 300_000 ? Promise.reject(stop) : Promise.resolve()),
      );
      await expect(opening).rejects.toBe(stop);
      expect(chunks).toMatchObject({ given: 400_000, cancelled: true });
    }
    expect(core.heapBytes()).toBe(heap);
  });

  it('a file that can no longer be read is refused with the place', async () => {
    const gone = (controller: ReadableStreamDefaultController): void => {
      controller.error(new DOMException('', 'NotReadableError'));
    };
    const opening = openModel(
      core,
      source(() => new Chunks().stream(50_000, 150_000, gone)),
      between,
    );
    await expect(opening).rejects.toMatchObject({ status: 'read-failed', offset: 150_000 });
  });

  it('a file that ends early is refused', async () => {
    const opening = openModel(
      core,
      source(() => new Chunks().stream(50_000, 150_000)),
      between,
    );
    await expect(opening).rejects.toMatchObject({ status: 'truncated', offset: 150_000 });
  });

  it('a file that goes on is refused', async () => {
    const longer = () => new Blob([FILE, 'more']).stream();
    await expect(openModel(core, source(longer), between)).rejects.toMatchObject({ status: 'bad-argument' });
  });
});
