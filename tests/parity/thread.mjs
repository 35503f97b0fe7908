/** A thread of Emscripten's in Node: the little that a browser's worker has besides. */
import { parentPort, workerData } from 'node:worker_threads';

Object.assign(globalThis, {
  self: globalThis,
  name: workerData.name,
  location: { href: workerData.url },
  postMessage: (message) => parentPort.postMessage(message),
});
await import(workerData.url);
parentPort.on('message', (data) => globalThis.onmessage({ data }));
