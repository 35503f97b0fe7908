/** Qwen2 and Qwen2.5: as LLaMA, with biases on q, k and v. */
import type { Architecture } from '../plan.ts';
import { GATED_BUFFERS, planGated } from './gated.ts';

export const qwen2: Architecture = {
  name: 'qwen2',
  modelType: 'qwen2',
  className: 'Qwen2ForCausalLM',
  prefixes: ['model.'],
  buffers: GATED_BUFFERS,
  plan(config) {
    config.requireOneOf('use_sliding_window', [false], false);
    return planGated(config, { family: 'qwen2', biased: true, paired: false, scaled: false });
  },
};
