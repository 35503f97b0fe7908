/**
 * The page's side of a worker, for the engine and the download alike: promises over its messages. Whatever happens to
 * the worker, every pending promise settles, and the next request finds a fresh one.
 */
import { CANCELLED, EngineError, type Answers, type Fault, type Step, type Work } from './protocol.ts';

/** What a client asks of a worker. */
export type Asked<W> =
  | { readonly kind: 'work'; readonly id: number; readonly work: W }
  | { readonly kind: 'cancel'; readonly id: number };

/** What a worker says: `answer` or `fault` once for each request, `progress` any number of times before that. */
export type Said<A, S> =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly id: number; readonly step: S }
  | { readonly kind: 'answer'; readonly id: number; readonly value: A }
  | { readonly kind: 'fault'; readonly id: number; readonly fault: Fault; readonly fatal: boolean };

/** A running worker, as far as a client needs to know it. `onDeath` is called at most once. */
export interface Connection<W> {
  readonly post: (message: Asked<W>, transfer: Transferable[]) => void;
  readonly terminate: () => void;
}
export type ConnectTo<W, A, S> = (handlers: {
  readonly onMessage: (message: Said<A, S>) => void;
  readonly onDeath: (reason: string) => void;
}) => Connection<W>;
export type Connect = ConnectTo<Work, Answers[Work['kind']], Step>;

interface Pending<S> {
  readonly resolve: (value: never) => void;
  readonly reject: (error: EngineError) => void;
  readonly onStep: ((step: S) => void) | undefined;
}

export interface Options<S> {
  readonly onStep?: (step: S) => void;
  readonly signal?: AbortSignal;
  /** What of the work moves to the worker. */
  readonly transfer?: Transferable[];
}

/** How long the engine may take to notice a cancel before it is replaced. */
export const CANCEL_PATIENCE = 200;

/** `W` are the kinds of work, `A` what each answers with, `S` how far a work is. */
export class WorkerClient<W extends { readonly kind: string }, A extends Record<W['kind'], unknown>, S> {
  readonly #connect: ConnectTo<W, A[W['kind']], S>;
  /** Milliseconds that a worker may take to notice a cancel before it is replaced. */
  readonly #patience: number;
  readonly #pending = new Map<number, Pending<S>>();
  /** Cancelled requests the worker has not let go of yet. */
  readonly #leaving = new Map<number, ReturnType<typeof setTimeout>>();
  #connection: Connection<W> | null = null;
  #generation = 0;
  #nextId = 1;

  constructor(connect: ConnectTo<W, A[W['kind']], S>, patience: number) {
    this.#connect = connect;
    this.#patience = patience;
  }

  request<K extends W['kind']>(
    work: Extract<W, { kind: K }>,
    { onStep, signal, transfer = [] }: Options<S> = {},
  ): Promise<A[K]> {
    if (signal?.aborted === true) return Promise.reject(new EngineError(CANCELLED, 'Cancelled.'));
    const id = this.#nextId++;
    return new Promise<A[K]>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onStep });
      signal?.addEventListener(
        'abort',
        () => {
          this.#cancel(id);
        },
        { once: true },
      );
      this.#live().post({ kind: 'work', id, work }, transfer);
    });
  }

  #live(): Connection<W> {
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

  #receive(message: Said<A[W['kind']], S>): void {
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
    this.#connection?.post({ kind: 'cancel', id }, []);
    this.#leaving.set(
      id,
      setTimeout(() => {
        this.#replace(new EngineError('worker-died', 'The work was stopped.'));
      }, this.#patience),
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

export class EngineClient extends WorkerClient<Work, Answers, Step> {
  constructor(connect: Connect) {
    super(connect, CANCEL_PATIENCE);
  }
}
