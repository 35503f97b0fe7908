import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CANCEL_PATIENCE, EngineClient, type Connect } from '@web/engine/client.ts';
import type { FromWorker, ToWorker } from '@web/engine/protocol.ts';

/** A worker that does what the test says. */
class Workers {
  readonly posted: ToWorker[] = [];
  started = 0;
  ended = 0;
  say: (message: FromWorker) => void = () => undefined;
  die: (reason: string) => void = () => undefined;

  readonly connect: Connect = ({ onMessage, onDeath }) => {
    this.started += 1;
    this.say = onMessage;
    this.die = onDeath;
    return {
      post: (message) => void this.posted.push(message),
      terminate: () => void (this.ended += 1),
    };
  };

  lastId(): number {
    const last = this.posted.findLast((message) => message.kind === 'work');
    if (last === undefined) throw new Error('no work was posted');
    return last.id;
  }
}

const COUNT = { kind: 'tokenize', key: 'm', text: 'a' } as const;
let workers: Workers;
let client: EngineClient;

beforeEach(() => {
  vi.useFakeTimers();
  workers = new Workers();
  client = new EngineClient(workers.connect);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the engine client', () => {
  it('starts no worker before there is work', () => {
    expect(workers.started).toBe(0);
  });

  it('answers each request by its id', async () => {
    const one = client.request<'tokenize'>(COUNT);
    const first = workers.lastId();
    const two = client.request<'tokenize'>(COUNT);
    workers.say({ kind: 'answer', id: workers.lastId(), value: 2 });
    workers.say({ kind: 'answer', id: first, value: 1 });
    expect(await Promise.all([one, two])).toEqual([1, 2]);
    expect(workers.started).toBe(1);
  });

  it('passes progress on', () => {
    const onStep = vi.fn();
    void client.request<'tokenize'>(COUNT, { onStep });
    const step = { phase: 'lens', done: 1, total: 2, fraction: 0.5 } as const;
    workers.say({ kind: 'progress', id: workers.lastId(), step });
    expect(onStep).toHaveBeenCalledWith(step);
  });

  it('turns a fault into an error with its status and offset, and keeps the worker', async () => {
    const pending = client.request<'tokenize'>(COUNT);
    const fault = { status: 'truncated', message: 'it ends early', offset: 12 };
    workers.say({ kind: 'fault', id: workers.lastId(), fault, fatal: false });
    await expect(pending).rejects.toMatchObject(fault);
    expect(workers.ended).toBe(0);
  });

  it('rejects every pending promise when the worker dies, and replaces it', async () => {
    const pending = [client.request<'tokenize'>(COUNT), client.request<'tokenize'>(COUNT)];
    const settled = Promise.allSettled(pending);
    workers.die('killed');
    for (const outcome of await settled)
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { status: 'worker-died', message: 'killed' },
      });
    expect(workers.ended).toBe(1);
    const next = client.request<'tokenize'>(COUNT);
    workers.say({ kind: 'answer', id: workers.lastId(), value: 3 });
    expect(await next).toBe(3);
    expect(workers.started).toBe(2);
  });

  it('replaces the worker after a fatal fault', async () => {
    const pending = [client.request<'tokenize'>(COUNT), client.request<'tokenize'>(COUNT)];
    const settled = Promise.allSettled(pending);
    const fault = { status: 'worker-died', message: 'unreachable', offset: null };
    workers.say({ kind: 'fault', id: workers.lastId(), fault, fatal: true });
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(workers.ended).toBe(1);
  });

  it('does not listen to a worker that it has replaced', async () => {
    const lost = client.request<'tokenize'>(COUNT).catch(() => 'lost');
    const { say, die } = workers;
    workers.die('killed');
    expect(await lost).toBe('lost');
    const pending = client.request<'tokenize'>(COUNT);
    say({ kind: 'answer', id: workers.lastId(), value: 9 });
    die('again');
    workers.say({ kind: 'answer', id: workers.lastId(), value: 4 });
    expect(await pending).toBe(4);
  });
});

describe('cancelling', () => {
  function cancelled() {
    const controller = new AbortController();
    const pending = client.request<'tokenize'>(COUNT, { signal: controller.signal });
    const outcome = expect(pending).rejects.toMatchObject({ status: 'cancelled' });
    controller.abort();
    return outcome;
  }

  it('rejects at once and keeps a worker that answers in time', async () => {
    await cancelled();
    expect(workers.posted.at(-1)).toMatchObject({ kind: 'cancel' });
    const fault = { status: 'cancelled', message: '', offset: null };
    workers.say({ kind: 'fault', id: workers.lastId(), fault, fatal: false });
    vi.advanceTimersByTime(10 * CANCEL_PATIENCE);
    expect(workers.ended).toBe(0);
  });

  it('replaces a worker that does not answer', async () => {
    await cancelled();
    vi.advanceTimersByTime(CANCEL_PATIENCE);
    expect(workers.ended).toBe(1);
  });

  it('before the request starts nothing', async () => {
    const controller = new AbortController();
    controller.abort();
    const pending = client.request<'tokenize'>(COUNT, { signal: controller.signal });
    await expect(pending).rejects.toMatchObject({ status: 'cancelled' });
    expect(workers.started).toBe(0);
  });
});
