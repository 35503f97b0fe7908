/** A model that another worker fetches, taken in while its bytes come. */
import { CoreError, type Core, type Loading, type Model } from '@core';
import type { Incoming } from './protocol.ts';
import { BlobSource } from './source.ts';

/**
 * Takes the pieces of a file from its port, in order, and answers each with whether it wants another. What is wrong with a
 * model is not said here: it is opened again from where it is kept, and refused there.
 */
export class Receiving {
  readonly key: string;
  readonly #port: MessagePort;
  /** null once the model is whole or refused. */
  #loading: Loading | null = null;
  #missing: number;

  /** `whole` is given the model, to keep and to close, before the last piece is answered. */
  constructor(core: Core, { key, name, header, size, port }: Incoming, whole: (model: Model) => void) {
    this.key = key;
    this.#port = port;
    this.#missing = size;
    this.#unlessRefused(() => {
      this.#loading = core.openLoading(new BlobSource(header, name, size), null);
    });
    port.onmessage = ({ data }: MessageEvent<Uint8Array>) => {
      this.#unlessRefused(() => {
        const model = this.#take(data);
        if (model !== null) whole(model);
      });
      port.postMessage(this.#loading !== null);
    };
  }

  /** No more is wanted, and nothing is left of what came; false where nothing was. */
  stop(): boolean {
    const held = this.#loading !== null;
    this.#end();
    this.#port.postMessage(false);
    this.#port.close();
    return held;
  }

  #take(bytes: Uint8Array): Model | null {
    this.#loading?.feed(bytes);
    this.#missing -= bytes.length;
    if (this.#loading === null || this.#missing > 0) return null;
    const model = this.#loading.finish();
    this.#end();
    return model;
  }

  #unlessRefused(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#end();
      if (!(error instanceof CoreError)) throw error;
    }
  }

  #end(): void {
    this.#loading?.close();
    this.#loading = null;
  }
}
