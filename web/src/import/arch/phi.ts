/** Phi-1, Phi-1.5 and Phi-2: one norm per block, rotary positions on a part of each head, biases everywhere. */
import type { Fields } from '../config.ts';
import { f32, u32 } from '../gguf-writer.ts';
import {
  biasedLinear,
  describeShape,
  matrix,
  norm,
  type Architecture,
  type DecoderShape,
  type TensorPlan,
} from '../plan.ts';
import { decoderMetadata, readDecoderShape } from './decoder.ts';
import { readRope } from './rope.ts';

function readShape(config: Fields): DecoderShape {
  config.requireOneOf('hidden_act', ['gelu_new'], 'gelu_new');
  config.requireOneOf('qk_layernorm', [false], false);
  config.requireOneOf('tie_word_embeddings', [false], false);
  const shape = readDecoderShape(config, { tied: false });
  config.requireEqual('num_key_value_heads', 'num_attention_heads', shape.heads);
  return shape;
}

function block(index: number, { width, inner }: DecoderShape): TensorPlan[] {
  const to = `blk.${index}`;
  const from = `layers.${index}`;
  return [
    ...norm(`${to}.attn_norm`, `${from}.input_layernorm`, width),
    ...biasedLinear(`${to}.attn_q`, `${from}.self_attn.q_proj`, width, width),
    ...biasedLinear(`${to}.attn_k`, `${from}.self_attn.k_proj`, width, width),
    ...biasedLinear(`${to}.attn_v`, `${from}.self_attn.v_proj`, width, width),
    ...biasedLinear(`${to}.attn_output`, `${from}.self_attn.dense`, width, width),
    ...biasedLinear(`${to}.ffn_up`, `${from}.mlp.fc1`, inner, width),
    ...biasedLinear(`${to}.ffn_down`, `${from}.mlp.fc2`, width, inner),
  ];
}

export const phi: Architecture = {
  name: 'phi2',
  modelType: 'phi',
  className: 'PhiForCausalLM',
  prefixes: ['model.'],
  buffers: /^(?:layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq$/,
  plan(config) {
    const shape = readShape(config);
    const { layers, width, heads, headWidth, vocabulary } = shape;
    return {
      vocabulary,
      summary: describeShape(shape),
      metadata: [
        ...decoderMetadata('phi2', shape),
        u32('phi2.attention.head_count', heads),
        u32('phi2.attention.head_count_kv', heads),
        f32('phi2.attention.layer_norm_epsilon', config.positive('layer_norm_eps', 1, 1e-5)),
        ...readRope(config, { family: 'phi2', headWidth, share: 0.5 }).metadata,
      ],
      tensors: [
        matrix('token_embd.weight', 'embed_tokens.weight', vocabulary, width),
        ...Array.from({ length: layers }, (_, index) => block(index, shape)).flat(),
        ...norm('output_norm', 'final_layernorm', width),
        ...biasedLinear('output', 'lm_head', vocabulary, width),
      ],
    };
  },
};
