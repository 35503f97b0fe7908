/** LLaMA, TinyLlama, Llama 3 and SmolLM2; Mistral, which is the same with a window over the last positions. */
import { LIMITS, type Fields } from '../config.ts';
import { u32 } from '../gguf-writer.ts';
import type { Architecture, ModelPlan } from '../plan.ts';
import { GATED_BUFFERS, planGated } from './gated.ts';

function plan(config: Fields, window: number | null): ModelPlan {
  config.requireOneOf('attention_bias', [false], false);
  config.requireOneOf('mlp_bias', [false], false);
  const metadata = [u32('llama.vocab_size', config.count('vocab_size', { max: LIMITS.vocabulary }))];
  if (window !== null) metadata.push(u32('llama.attention.sliding_window', window));
  return planGated(config, { family: 'llama', biased: false, paired: true, scaled: true, metadata });
}

export const llama: Architecture = {
  name: 'llama',
  modelType: 'llama',
  className: 'LlamaForCausalLM',
  prefixes: ['model.'],
  buffers: GATED_BUFFERS,
  plan: (config) => plan(config, null),
};

export const mistral: Architecture = {
  ...llama,
  modelType: 'mistral',
  className: 'MistralForCausalLM',
  plan(config) {
    const named = config.get('sliding_window') !== null;
    return plan(config, named ? config.count('sliding_window', { max: LIMITS.context }) : null);
  },
};
