/** OPT in the layout of OPT-125M: learned positions, blocks in sequence, ReLU, output tied to the token embedding. */
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

/** The position embedding begins with rows that only padding would read; they are not written. */
const PADDING_ROWS = 2;

function readShape(config: Fields): DecoderShape {
  config.requireOneOf('activation_function', ['relu'], 'relu');
  config.requireOneOf('do_layer_norm_before', [true], true);
  config.requireOneOf('_remove_final_layer_norm', [false], false);
  config.requireOneOf('enable_bias', [true], true);
  config.requireOneOf('layer_norm_elementwise_affine', [true], true);
  const shape = readDecoderShape(config, { names: { inner: 'ffn_dim' }, tied: true });
  config.requireEqual('word_embed_proj_dim', 'hidden_size', shape.width);
  return shape;
}

function positions(context: number, width: number): TensorPlan {
  return {
    ...matrix('position_embd.weight', 'embed_positions.weight', context, width),
    shape: [context + PADDING_ROWS, width],
    layout: { kind: 'rows', runs: [{ first: PADDING_ROWS, count: context }] },
    quantised: false,
  };
}

function block(index: number, { width, inner }: DecoderShape): TensorPlan[] {
  const to = `blk.${index}`;
  const from = `layers.${index}`;
  return [
    ...norm(`${to}.attn_norm`, `${from}.self_attn_layer_norm`, width),
    ...biasedLinear(`${to}.attn_q`, `${from}.self_attn.q_proj`, width, width),
    ...biasedLinear(`${to}.attn_k`, `${from}.self_attn.k_proj`, width, width),
    ...biasedLinear(`${to}.attn_v`, `${from}.self_attn.v_proj`, width, width),
    ...biasedLinear(`${to}.attn_output`, `${from}.self_attn.out_proj`, width, width),
    ...norm(`${to}.ffn_norm`, `${from}.final_layer_norm`, width),
    ...biasedLinear(`${to}.ffn_up`, `${from}.fc1`, inner, width),
    ...biasedLinear(`${to}.ffn_down`, `${from}.fc2`, width, inner),
  ];
}

export const opt: Architecture = {
  name: 'opt',
  modelType: 'opt',
  className: 'OPTForCausalLM',
  prefixes: ['model.decoder.', 'decoder.'],
  buffers: /^lm_head\.weight$/,
  plan(config) {
    const shape = readShape(config);
    const { layers, width, heads, context, vocabulary, tied } = shape;
    return {
      vocabulary,
      summary: describeShape(shape),
      metadata: [
        ...decoderMetadata('opt', shape),
        u32('opt.attention.head_count', heads),
        f32('opt.attention.layer_norm_epsilon', 1e-5),
      ],
      tensors: [
        matrix('token_embd.weight', 'embed_tokens.weight', vocabulary, width),
        positions(context, width),
        ...Array.from({ length: layers }, (_, index) => block(index, shape)).flat(),
        ...norm('output_norm', 'final_layer_norm', width),
        ...(tied ? [] : [matrix('output.weight', 'lm_head.weight', vocabulary, width)]),
      ],
    };
  },
};
