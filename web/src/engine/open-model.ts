/** A model from a Blob into the core: the browser reads ahead, bytes are copied once, and taken in meanwhile. */
import type { Core, Model } from '@core';
import { streamed } from '../import/bytes.ts';
import { EngineError, type ModelSource } from './protocol.ts';
import { BlobSource } from './source.ts';

/** Bytes read at a time. */
const CHUNK = 1 << 20;

/**
 * All of the file in order. Out of the browser's file system a worker reads it directly, ten times as fast as the stream
 * of a Blob, which comes from another process; unless another tab is writing there.
 */
async function* chunks({ blob, handle }: ModelSource): AsyncGenerator<Uint8Array> {
  const access = await handle?.createSyncAccessHandle({ mode: 'read-only' }).catch(() => null);
  if (!access) {
    yield* streamed(blob.stream());
    return;
  }
  const buffer = new Uint8Array(CHUNK);
  try {
    for (let at = 0, n = 0; (n = access.read(buffer, { at })) > 0; at += n) yield buffer.subarray(0, n);
  } finally {
    access.close();
  }
}

/** `between` is called with the bytes so far, and may end it all by throwing. */
export async function openModel(
  core: Core,
  source: ModelSource,
  between: (done: number) => Promise<void>,
): Promise<Model> {
  const { blob, name, sha256, vouched } = source;
  const loading = core.openLoading(new BlobSource(blob, name), vouched ? sha256 : null);
  let at = 0;
  try {
    for await (const bytes of chunks(source)) {
      loading.feed(bytes);
      at += bytes.length;
      await between(at);
    }
    return loading.finish();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw new EngineError('read-failed', `“${name}” could not be read from byte ${at} on.`, at);
  } finally {
    loading.close();
  }
}
