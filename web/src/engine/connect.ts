/** Starts the real worker and watches over it. */
import type { Connect } from './client.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** How long a new worker may take to say that it is there. */
const START_PATIENCE = 15_000;

export const connectWorker: Connect = ({ onMessage, onDeath }) => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'logitscope' });
  const watch = new AbortController();
  const lock = `logitscope-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  const starting = setTimeout(() => {
    die('The engine did not start.');
  }, START_PATIENCE);

  function die(reason: string): void {
    if (watch.signal.aborted) return;
    stop();
    onDeath(reason);
  }
  function stop(): void {
    clearTimeout(starting);
    watch.abort();
    worker.terminate();
  }

  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === 'ready') {
      clearTimeout(starting);
      void awaitLock(lock, watch.signal).then((held) => {
        if (held) die('The engine stopped unexpectedly.');
      });
    }
    onMessage(data);
  };
  worker.onmessageerror = () => {
    die('The engine sent something unreadable.');
  };
  worker.onerror = (event) => {
    event.preventDefault();
    // A script that could not be fetched gives a plain Event, without a message.
    die(event.message ? `The engine stopped: ${event.message}` : 'The engine could not be started.');
  };
  const post = (message: ToWorker): void => {
    worker.postMessage(message);
  };
  post({ kind: 'start', lock });
  return { post, terminate: stop };
};

/** True once the worker's lock is free, which means that the worker is gone; false when the watch was called off. */
async function awaitLock(name: string, signal: AbortSignal): Promise<boolean> {
  const locks = (navigator as { locks?: LockManager }).locks;
  if (locks === undefined) return false;
  try {
    return await locks.request(name, { signal }, () => true);
  } catch {
    return false;
  }
}
