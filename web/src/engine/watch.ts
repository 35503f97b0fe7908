/** Starts a worker and watches over it, for the engine and the download alike. */
import type { ConnectTo, Connection, Said } from './client.ts';

/** How long a new worker may take to say that it is there. */
const START_PATIENCE = 15_000;

export interface Watched {
  /** For people: "The engine". */
  readonly noun: string;
  readonly make: () => Worker;
  /** The first message: names the lock that the worker must hold while it lives. */
  readonly start: (lock: string) => unknown;
}

export function watchedWorker<W, A, S>({ noun, make, start }: Watched): ConnectTo<W, A, S> {
  return ({ onMessage, onDeath }) => watch(noun, make(), start, onMessage, onDeath);
}

function watch<W, A, S>(
  noun: string,
  worker: Worker,
  start: Watched['start'],
  onMessage: (message: Said<A, S>) => void,
  onDeath: (reason: string) => void,
): Connection<W> {
  const watching = new AbortController();
  const lock = `logitscope-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  const starting = setTimeout(() => {
    die(`${noun} did not start.`);
  }, START_PATIENCE);

  function die(reason: string): void {
    if (watching.signal.aborted) return;
    stop();
    onDeath(reason);
  }
  function stop(): void {
    clearTimeout(starting);
    watching.abort();
    worker.terminate();
  }

  worker.onmessage = ({ data }: MessageEvent<Said<A, S>>) => {
    if (data.kind === 'ready') {
      clearTimeout(starting);
      void awaitLock(lock, watching.signal).then((held) => {
        if (held) die(`${noun} stopped unexpectedly.`);
      });
    }
    onMessage(data);
  };
  worker.onmessageerror = () => {
    die(`${noun} sent something unreadable.`);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    // A script that could not be fetched gives a plain Event, without a message.
    die(event.message ? `${noun} stopped: ${event.message}` : `${noun} could not be started.`);
  };
  worker.postMessage(start(lock));
  return {
    post: (message, transfer) => {
      worker.postMessage(message, transfer);
    },
    terminate: stop,
  };
}

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
