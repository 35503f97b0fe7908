/** The outcome of a verification, as the core writes it. */
import type { Settings } from './core.ts';

/** What became of a model held against a known-answer grid; logitscope.h describes every field. */
export interface Verification {
  schema: 'logitscope.verification/1';
  pass: boolean;
  grade: 'exact' | 'eight-bit' | 'few-bit';
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
