/** A thread of Emscripten's in Node: the little that a browser's worker has besides. */
import { parentPort, workerData } from 'node:worker_threads';

const { url, name } = workerData as { url: string; name: string };
Object.assign(globalThis, {
  self: globalThis,
  name,
  location: { href: url },
  postMessage: (message: unknown) => parentPort?.postMessage(message),
});
await import(url);
parentPort?.on('message', (data: unknown) => {
  (globalThis as unknown as { onmessage: (event: { data: unknown }) => void }).onmessage({ data });
});
