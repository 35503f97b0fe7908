/** Runs in the download worker: messages to and from job.ts. See protocol.ts. */
import { holdLock } from '../engine/lock.ts';
import { CANCELLED, EngineError, type Fault } from '../engine/protocol.ts';
import { ImportError } from '../import/errors.ts';
import { Forward } from './forward.ts';
import { Downloads, type Context } from './job.ts';
import { openStore } from './open-store.ts';
import type {
  DownloadAnswers,
  DownloadStep,
  DownloadWork,
  FromDownloadWorker,
  ToDownloadWorker,
} from './protocol.ts';

/** Between two reports of progress, in milliseconds. */
const QUIET = 100;

const running = new Map<number, AbortController>();
let downloads: Promise<Downloads> | null = null;

function post(message: FromDownloadWorker): void {
  self.postMessage(message);
}

async function start(endpoint: string): Promise<Downloads> {
  const store = await openStore();
  // Storage managers exist in secure contexts only; the type does not say so.
  const storage = (navigator as { storage?: StorageManager }).storage;
  return new Downloads({ endpoint, store, ...(storage && { estimate: () => storage.estimate() }) });
}

/** The first step and the last go out at once, others at most every QUIET milliseconds. */
function reporter(id: number): (step: DownloadStep) => void {
  let latest = -Infinity;
  return (step) => {
    const now = performance.now();
    if (now - latest < QUIET && step.done < step.total) return;
    latest = now;
    post({ kind: 'progress', id, step });
  };
}

async function perform(
  id: number,
  work: DownloadWork,
  signal: AbortSignal,
): Promise<DownloadAnswers[DownloadWork['kind']]> {
  if (downloads === null) throw new Error('work came before the start');
  const ready = await downloads;
  const context = (token: string | null): Context => ({ token, signal, onStep: reporter(id) });
  switch (work.kind) {
    case 'inspect':
      return ready.inspect(work.reference, work.storedAs, context(work.token));
    case 'fetch':
      return ready.fetch(work.key, {
        ...context(work.token),
        ...(work.port && { forward: new Forward(work.port) }),
      });
    case 'take':
      return ready.take(work.key);
    case 'list':
      return ready.list();
    case 'remove':
      return ready.remove(work.key);
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof EngineError)
    return { status: error.status, message: error.message, offset: error.offset };
  if (error instanceof ImportError)
    return { status: error.code, message: error.message, offset: error.offset };
  const reason = error instanceof Error ? error.message : String(error);
  return { status: 'failed', message: `The download failed: ${reason}`, offset: null };
}

async function handle(id: number, work: DownloadWork): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    post({ kind: 'answer', id, value: await perform(id, work, controller.signal) });
  } catch (error) {
    post({ kind: 'fault', id, fault: faultOf(error), fatal: false });
  } finally {
    running.delete(id);
  }
}

self.onmessage = ({ data }: MessageEvent<ToDownloadWorker>) => {
  if (data.kind === 'work') void handle(data.id, data.work);
  else if (data.kind === 'cancel') running.get(data.id)?.abort(new EngineError(CANCELLED, 'Cancelled.'));
  else {
    downloads = start(data.endpoint);
    holdLock(data.lock, () => {
      post({ kind: 'ready' });
    });
  }
};
