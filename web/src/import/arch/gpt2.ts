/** GPT-2 and DistilGPT-2: learned positions, blocks in sequence, output usually tied to the token embedding. */
import { LIMITS, type Fields } from '../config.ts';
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

function readShape(config: Fields): DecoderShape {
  config.requireOneOf('activation_function', ['gelu_new', 'gelu_pytorch_tanh'], 'gelu_new');
  config.requireOneOf('scale_attn_weights', [true], true);
  config.requireOneOf('scale_attn_by_inverse_layer_idx', [false], false);
  config.requireOneOf('add_cross_attention', [false], false);
  const width = config.count('n_embd', { max: LIMITS.width });
  const heads = config.count('n_head', { max: LIMITS.heads });
  const headWidth = config.headWidth('n_head', heads, 'n_embd', width);
  return {
    layers: config.count('n_layer', { max: LIMITS.layers }),
    width,
    inner: config.count('n_inner', { max: LIMITS.width * 8, otherwise: 4 * width }),
    heads,
    headWidth,
    context: config.count('n_positions', { max: LIMITS.context }),
    vocabulary: config.count('vocab_size', { max: LIMITS.vocabulary }),
    tied: config.flag('tie_word_embeddings', true),
  };
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
    const { layers, width, inner, heads, context, vocabulary, tied } = shape;
    return {
      vocabulary,
      summary: describeShape(shape),
      metadata: [
        u32('gpt2.context_length', context),
        u32('gpt2.embedding_length', width),
        u32('gpt2.feed_forward_length', inner),
        u32('gpt2.block_count', layers),
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
