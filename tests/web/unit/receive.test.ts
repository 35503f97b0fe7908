/** A model on its way from the download to the engine, over a real port: taken in whole, or given up at no cost. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Core, Model } from '@core';
import { Forward } from '@web/download/forward.ts';
import { Receiving } from '@web/engine/receive.ts';
import { TestBlob } from './support/blobs.ts';
import { FILE, SHA256 } from './support/builtin.ts';
import { loadCore } from './support/core.ts';

const PIECE = 100_003;
const HEADER = 200_000;

let core: Core;
beforeAll(async () => {
  core = await loadCore();
});

let channel: MessageChannel;
let opened: Model[];
beforeEach(() => {
  channel = new MessageChannel();
  opened = [];
});
afterEach(() => {
  vi.useRealTimers();
  channel.port1.close();
  channel.port2.close();
  for (const model of opened) model.close();
});

function receive(bytes: Uint8Array<ArrayBuffer> = FILE): Receiving {
  const header = new TestBlob(bytes.subarray(0, HEADER)) as unknown as Blob;
  const incoming = { key: 'm', name: 'test.gguf', header, size: FILE.length, port: channel.port1 };
  return new Receiving(core, incoming, (model) => void opened.push(model));
}

async function send(forward: Forward, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += PIECE)
    await forward.write(at, FILE.subarray(at, Math.min(to, at + PIECE)));
}

/** What is posted, by a port that answers when the test says. */
class Silent {
  posted = 0;
  onmessage: ((event: { data: boolean }) => void) | null = null;
  closed = false;
  postMessage(bytes: Uint8Array): void {
    this.posted += bytes.length;
  }
  close(): void {
    this.closed = true;
  }
  answer(wanted = true): void {
    this.onmessage?.({ data: wanted });
  }
}

function silent(): { port: Silent; forward: Forward } {
  const port = new Silent();
  return { port, forward: new Forward(port as unknown as MessagePort) };
}

describe('a model that is forwarded while it is fetched', () => {
  it('is open when its last byte was answered, with the SHA-256 of what came', async () => {
    receive();
    const forward = new Forward(channel.port2);
    await send(forward, 0, FILE.length);
    await forward.end();
    expect(opened.map(({ info }) => info.sha256)).toEqual([SHA256]);
  });

  it('keeps the bytes of whoever sends them', async () => {
    receive();
    const forward = new Forward(channel.port2);
    const bytes = FILE.slice(0, PIECE);
    await forward.write(0, bytes);
    expect(bytes.length).toBe(PIECE);
    expect(Buffer.from(bytes).equals(FILE.subarray(0, PIECE))).toBe(true);
  });

  it('is not taken in where the engine refuses it', async () => {
    receive(FILE.slice(0, HEADER).fill(0, 0, 4));
    const forward = new Forward(channel.port2);
    await send(forward, 0, FILE.length);
    await forward.end();
    expect(opened).toEqual([]);
  });

  it('leaves nothing behind when it is stopped half-way', async () => {
    receive().stop();
    const heap = core.heapBytes();
    for (let times = 0; times < 20; times++) {
      channel = new MessageChannel();
      const receiving = receive();
      const forward = new Forward(channel.port2);
      await send(forward, 0, PIECE * 8);
      expect(receiving.stop()).toBe(true);
      expect(receiving.stop()).toBe(false);
      await forward.end();
      await send(forward, PIECE * 8, FILE.length);
      expect(opened).toEqual([]);
    }
    expect(core.heapBytes()).toBe(heap);
  });
});

describe('what is sent to the engine', () => {
  it('is nothing more once bytes do not follow on those before', async () => {
    const { port, forward } = silent();
    await forward.write(0, FILE.subarray(0, 1000));
    await forward.write(2000, FILE.subarray(2000, 3000));
    await forward.write(1000, FILE.subarray(1000, 2000));
    expect(port.posted).toBe(1000);
    await forward.end();
    expect(port.closed).toBe(true);
  });

  it('waits for answers when much is on its way, and goes on with them', async () => {
    const { port, forward } = silent();
    const piece = new Uint8Array(10 << 20);
    await forward.write(0, piece);
    let sent = false;
    const second = forward.write(piece.length, piece).then(() => (sent = true));
    await new Promise(setImmediate);
    expect(sent).toBe(false);
    port.answer();
    await second;
    expect(port.posted).toBe(2 * piece.length);
    port.answer();
    await forward.end();
  });

  it.each(['an engine that falls silent', 'an engine that wants no more'])('ends at %s', async (which) => {
    vi.useFakeTimers();
    const { port, forward } = silent();
    const piece = new Uint8Array(20 << 20);
    const first = forward.write(0, piece);
    if (which.endsWith('more')) port.answer(false);
    else await vi.advanceTimersByTimeAsync(2000);
    await first;
    await forward.write(piece.length, piece);
    expect(port.posted).toBe(piece.length);
    await forward.end();
  });
});
