/** GPT-2 and DistilGPT-2: learned positions, blocks in sequence, output usually tied to the token embedding. */
import type { Fields } from '../config.ts';
import { f32, u32 } from '../gguf-writer.ts';
import {
  describeShape,
  exact,
  matrix,
  norm,
  transposed,
  vector,
  type Architecture,
  type DecoderShape,
  type TensorPlan,
} from '../plan.ts';
import { decoderMetadata, readDecoderShape } from './decoder.ts';

const NAMES = {
  width: 'n_embd',
  heads: 'n_head',
  layers: 'n_layer',
  inner: 'n_inner',
  context: 'n_positions',
};

function readShape(config: Fields): DecoderShape {
  config.requireOneOf('activation_function', ['gelu_new', 'gelu_pytorch_tanh'], 'gelu_new');
  config.requireOneOf('scale_attn_weights', [true], true);
  config.requireOneOf('scale_attn_by_inverse_layer_idx', [false], false);
  config.requireOneOf('add_cross_attention', [false], false);
  return readDecoderShape(config, { names: NAMES, innerFactor: 4, tied: true });
}

/** Conv1D keeps its weight as [in, out]. */
function conv(name: string, source: string, outputs: number, inputs: number): TensorPlan[] {
  return [
    transposed(`${name}.weight`, `${source}.weight`, outputs, inputs),
    vector(`${name}.bias`, `${source}.bias`, outputs),
  ];
}

function block(index: number, { width, inner }: DecoderShape): TensorPlan[] {
  const to = `blk.${index}`;
  const from = `h.${index}`;
  return [
    ...norm(`${to}.attn_norm`, `${from}.ln_1`, width),
    ...conv(`${to}.attn_qkv`, `${from}.attn.c_attn`, 3 * width, width),
    ...conv(`${to}.attn_output`, `${from}.attn.c_proj`, width, width),
    ...norm(`${to}.ffn_norm`, `${from}.ln_2`, width),
    ...conv(`${to}.ffn_up`, `${from}.mlp.c_fc`, inner, width),
    ...conv(`${to}.ffn_down`, `${from}.mlp.c_proj`, width, inner),
  ];
}

export const gpt2: Architecture = {
  name: 'gpt2',
  modelType: 'gpt2',
  className: 'GPT2LMHeadModel',
  prefixes: ['transformer.'],
  buffers: /^(?:lm_head\.weight|h\.\d+\.attn\.(?:bias|masked_bias))$/,
  plan(config) {
    const shape = readShape(config);
    const { layers, width, heads, context, vocabulary, tied } = shape;
    return {
      vocabulary,
      summary: describeShape(shape),
      metadata: [
        ...decoderMetadata('gpt2', shape),
        u32('gpt2.attention.head_count', heads),
        f32('gpt2.attention.layer_norm_epsilon', config.positive('layer_norm_epsilon', 1, 1e-5)),
      ],
      tensors: [
        matrix('token_embd.weight', 'wte.weight', vocabulary, width),
        exact('position_embd.weight', 'wpe.weight', context, width),
        ...Array.from({ length: layers }, (_, index) => block(index, shape)).flat(),
        ...norm('output_norm', 'ln_f', width),
        ...(tied ? [] : [matrix('output.weight', 'lm_head.weight', vocabulary, width)]),
      ],
    };
  },
};
