/** The real engine worker. */
import type { Connect } from './client.ts';
import { watchedWorker } from './watch.ts';

export const connectWorker: Connect = watchedWorker({
  noun: 'The engine',
  make: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'logitscope' }),
  start: (lock) => ({ kind: 'start', lock }),
});
