/** A model held against a known-answer grid. */
import type { Settings } from './core.ts';
import type { Heap, Progress } from './heap.ts';

/** What became of a model held against a known-answer grid; logitscope.h describes every field. */
export interface Verification {
  schema: 'logitscope.verification/1';
  pass: boolean;
  grade: 'exact' | 'bfloat' | 'eight-bit' | 'few-bit';
  grid_model: string;
  grid_weights: string;
  lens: Settings['lens'];
  prompts: number;
  same_ids: number;
  /** The first token id that differs; `null` for an id where a text has ended. */
  first_id: { prompt: number; position: number; expected: number | null; measured: number | null } | null;
  cells: number;
  /** `null`, as the next two, when no prompt has the grid's token ids, or where the model is damaged. */
  top1: number | null;
  top1_bound: number;
  mean: number | null;
  mean_bound: number;
  largest: number | null;
  largest_bound: number;
  worst: {
    prompt: number;
    text: string;
    layer: number;
    position: number;
    token: number;
    token_text: string;
    expected: number;
    measured: number | null;
  } | null;
}

/** One known-answer grid against one model, step by step. */
export class Verify {
  constructor(
    private readonly heap: Heap,
    private readonly engine: number,
    private readonly address: number,
  ) {}

  /** Does the next bounded piece of work; progress counts prompts. */
  step(): Progress {
    return this.heap.progress(this.heap.exports._lsw_verify_step(this.address));
  }

  /** Once a step has said `done`. */
  outcome(): Verification {
    const text = this.heap.granted(this.heap.exports._lsw_verify_report(this.engine, this.address));
    return JSON.parse(this.heap.takeText(text)) as Verification;
  }

  close(): void {
    this.heap.exports._lsw_verify_close(this.address);
  }
}
