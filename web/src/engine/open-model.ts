/** A model from a Blob into the core: the browser reads ahead, bytes are copied once, and taken in meanwhile. */
import type { Core, Model } from '@core';
import { streamed } from '../import/bytes.ts';
import { EngineError, type ModelSource } from './protocol.ts';
import { BlobSource } from './source.ts';

/** `between` is called with the bytes so far, and may end it all by throwing. */
export async function openModel(
  core: Core,
  { blob, name, sha256, vouched }: ModelSource,
  between: (done: number) => Promise<void>,
): Promise<Model> {
  const loading = core.openLoading(new BlobSource(blob, name), vouched ? sha256 : null);
  let at = 0;
  try {
    for await (const bytes of streamed(blob.stream())) {
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
