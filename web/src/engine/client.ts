/**
 * The page's side of the engine: promises over the worker's messages. Whatever happens to the worker, every pending
 * promise settles, and the next request finds a fresh one.
 */
import {
  CANCELLED,
  EngineError,
  type Answers,
  type FromWorker,
  type Step,
  type ToWorker,
  type Work,
} from './protocol.ts';

/** A running worker, as far as the client needs to know it. `onDeath` is called at most once. */
export interface Connection {
  readonly post: (message: ToWorker) => void;
  readonly terminate: () => void;
}
export type Connect = (handlers: {
  readonly onMessage: (message: FromWorker) => void;
  readonly onDeath: (reason: string) => void;
}) => Connection;

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: EngineError) => void;
  readonly onStep: ((step: Step) => void) | undefined;
}

export interface Options {
  readonly onStep?: (step: Step) => void;
  readonly signal?: AbortSignal;
}

/** How long a worker may take to notice a cancel before it is replaced. */
export const CANCEL_PATIENCE = 200;

export class EngineClient {
  readonly #connect: Connect;
  readonly #pending = new Map<number, Pending>();
  /** Cancelled requests the worker has not let go of yet. */
  readonly #leaving = new Map<number, ReturnType<typeof setTimeout>>();
  #connection: Connection | null = null;
  #generation = 0;
  #nextId = 1;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  request<K extends Work['kind']>(
    work: Extract<Work, { kind: K }>,
    { onStep, signal }: Options = {},
  ): Promise<Answers[K]> {
    if (signal?.aborted === true) return Promise.reject(new EngineError(CANCELLED, 'Cancelled.'));
    const id = this.#nextId++;
    return new Promise<Answers[K]>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onStep });
      signal?.addEventListener(
        'abort',
        () => {
          this.#cancel(id);
        },
        { once: true },
      );
      this.#live().post({ kind: 'work', id, work });
    });
  }

  #live(): Connection {
    if (this.#connection !== null) return this.#connection;
    const generation = this.#generation;
    this.#connection = this.#connect({
      onMessage: (message) => {
        if (generation === this.#generation) this.#receive(message);
      },
      onDeath: (reason) => {
        if (generation === this.#generation) this.#replace(new EngineError('worker-died', reason));
      },
    });
    return this.#connection;
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'ready') return;
    const pending = this.#pending.get(message.id);
    if (message.kind === 'progress') {
      pending?.onStep?.(message.step);
      return;
    }
    this.#pending.delete(message.id);
    clearTimeout(this.#leaving.get(message.id));
    this.#leaving.delete(message.id);
    if (message.kind === 'answer') {
      pending?.resolve(message.value as never);
      return;
    }
    const { status, message: text, offset } = message.fault;
    const error = new EngineError(status, text, offset);
    pending?.reject(error);
    if (message.fatal) this.#replace(error);
  }

  /** The promise is refused now; the worker is given a moment to stop by itself, then replaced. */
  #cancel(id: number): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.#connection?.post({ kind: 'cancel', id });
    this.#leaving.set(
      id,
      setTimeout(() => {
        this.#replace(new EngineError('worker-died', 'The engine was stopped.'));
      }, CANCEL_PATIENCE),
    );
    pending.reject(new EngineError(CANCELLED, 'Cancelled.'));
  }

  #replace(error: EngineError): void {
    this.#generation += 1;
    this.#connection?.terminate();
    this.#connection = null;
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    this.#leaving.clear();
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of waiting) reject(error);
  }
}
