/** Fetches a model file that a person asked for, with progress, into a Blob. */
import { CANCELLED, EngineError } from './protocol.ts';

export interface Download {
  readonly url: string;
  readonly name: string;
  readonly bytes: number;
}

export async function download(
  { url, name, bytes }: Download,
  onBytes: (done: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || response.body === null)
      throw new EngineError('download-failed', `“${name}” could not be fetched (HTTP ${response.status}).`);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let done = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { value, done: ended } = await reader.read();
      if (ended) break;
      pieces.push(value);
      done += value.length;
      onBytes(done);
    }
    if (done !== bytes)
      throw new EngineError('download-failed', `“${name}” ended after ${done} of ${bytes} bytes.`);
    return new Blob(pieces);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    if (signal.aborted) throw new EngineError(CANCELLED, 'Cancelled.');
    throw new EngineError('download-failed', `“${name}” could not be fetched: the connection failed.`);
  }
}
