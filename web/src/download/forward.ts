/** The bytes of a model on their way into the engine as well, while they are stored (engine/receive.ts). */

/** Bytes that may be on their way at a time: what comes in while the engine takes a step of something else. */
const WINDOW = 16 << 20;
/** Milliseconds after which an engine that does not answer is taken for gone. */
const PATIENCE = 2000;

/**
 * The engine owes nothing here. Where it wants no more, falls silent, or bytes come that do not follow on those before,
 * nothing more is sent: the model is then opened from the store.
 */
export class Forward {
  readonly #port: MessagePort;
  /** Bytes sent, and for each piece without an answer how many. */
  #sent = 0;
  readonly #unanswered: number[] = [];
  #wanted = true;
  #wake: () => void = () => undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<boolean>) => {
      this.#unanswered.shift();
      this.#wanted &&= data;
      this.#wake();
    };
  }

  /** Resolves when there is room for more. The bytes are copied. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#wanted &&= offset === this.#sent;
    if (!this.#wanted) return;
    const piece = bytes.slice();
    this.#sent += piece.length;
    this.#unanswered.push(piece.length);
    this.#port.postMessage(piece, [piece.buffer]);
    await this.#settle(WINDOW);
  }

  /** Nothing more comes. Resolves when everything was answered, or will not be. */
  async end(): Promise<void> {
    await this.#settle(0);
    this.stop();
  }

  /** Nothing more comes, and no answer matters. */
  stop(): void {
    this.#wanted = false;
    this.#port.close();
  }

  async #settle(most: number): Promise<void> {
    while (this.#wanted && sum(this.#unanswered) > most) {
      const answered = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(resolve, PATIENCE, false);
        this.#wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      this.#wanted &&= answered;
    }
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
