/** The models that are open, and the last text that ran through each. */
import type { Model, Session } from '@core';
import { EngineError, type ModelSource } from './protocol.ts';

/** A text run through a model. */
export interface Run {
  readonly session: Session;
  readonly text: string;
  readonly cut: boolean;
  readonly sinks: number;
  readonly window: number;
  /** Empty while another one is being read. */
  lens: string;
}

export interface Open {
  readonly model: Model;
  run: Run | null;
}

export class Opened {
  readonly #models = new Map<string, Open>();

  /** What is open already, if it is the file that is meant. */
  find({ key, sha256 }: Pick<ModelSource, 'key' | 'sha256'>): Open | null {
    const known = this.#models.get(key) ?? null;
    return sha256 === null || known?.model.info.sha256 === sha256 ? known : null;
  }

  get(key: string): Open {
    const known = this.#models.get(key);
    if (known === undefined) throw new EngineError('not-open', 'The engine no longer holds this model.');
    return known;
  }

  /** In the place of what had this key. */
  add(key: string, model: Model): Open {
    this.close(key);
    const open = { model, run: null };
    this.#models.set(key, open);
    return open;
  }

  close(key: string): void {
    const open = this.#models.get(key);
    open?.run?.session.close();
    open?.model.close();
    this.#models.delete(key);
  }

  /** Closes the models that no text ran through, but for one: they can be opened again. False where there was none. */
  makeRoom(but: string): boolean {
    const idle = [...this.#models].filter(([key, { run }]) => run === null && key !== but);
    for (const [key] of idle) this.close(key);
    return idle.length > 0;
  }
}
