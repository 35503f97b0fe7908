/** GPT-NeoX and Pythia: rotary positions on a part of each head, attention and MLP usually in parallel. */
import { ImportError } from '../errors.ts';
import { LIMITS, type Fields } from '../config.ts';
import { bool, f32, u32, type MetadataEntry } from '../gguf-writer.ts';
import {
  describeShape,
  matrix,
  norm,
  vector,
  type Architecture,
  type DecoderShape,
  type Layout,
  type TensorPlan,
} from '../plan.ts';

function readShape(config: Fields): DecoderShape {
  config.requireOneOf('hidden_act', ['gelu'], 'gelu');
  config.requireOneOf('attention_bias', [true], true);
  const width = config.count('hidden_size', { max: LIMITS.width });
  const heads = config.count('num_attention_heads', { max: LIMITS.heads });
  const headWidth = config.headWidth('num_attention_heads', heads, 'hidden_size', width);
  return {
    layers: config.count('num_hidden_layers', { max: LIMITS.layers }),
    width,
    inner: config.count('intermediate_size', { max: LIMITS.width * 8 }),
    heads,
    headWidth,
    context: config.count('max_position_embeddings', { max: LIMITS.context }),
    vocabulary: config.count('vocab_size', { max: LIMITS.vocabulary }),
    tied: config.flag('tie_word_embeddings', false),
  };
}

/** Published models say rotary_pct and rotary_emb_base; newer tools write rope_parameters. */
function rope(config: Fields, headWidth: number): MetadataEntry[] {
  const section = config.section('rope_parameters');
  section.requireOneOf('rope_type', ['default'], 'default');
  const scaling = config.section('rope_scaling');
  scaling.requireOneOf('rope_type', ['default'], scaling.text('type', 'default'));
  const share = section.positive('partial_rotary_factor', 1, config.positive('rotary_pct', 1, 0.25));
  const rotated = Math.trunc(headWidth * share);
  if (rotated < 2 || rotated % 2 !== 0) {
    const place = { file: config.file, where: 'rotary_pct', value: String(share), limit: String(headWidth) };
    const sentence = `a rotary share of ${share} turns ${rotated} of the ${headWidth} numbers of a head; it must be an even number above 0.`;
    throw new ImportError('bad-value', place, sentence);
  }
  const entries = [u32('gptneox.rope.dimension_count', rotated)];
  const named = section.get('rope_theta') !== null ? section : config;
  const field = ['rope_theta', 'rotary_emb_base'].find((name) => named.get(name) !== null);
  if (field !== undefined) entries.push(f32('gptneox.rope.freq_base', named.positive(field, 1e15)));
  return entries;
}

/** The checkpoint keeps q, k and v head by head, [head][q, k, v][head width]; written are all q, all k, all v. */
function byKind(heads: number, headWidth: number): Layout {
  const runs = [0, 1, 2].flatMap((kind) =>
    Array.from({ length: heads }, (_, head) => ({ first: (head * 3 + kind) * headWidth, count: headWidth })),
  );
  return { kind: 'rows', runs };
}

function linear(name: string, source: string, outputs: number, inputs: number): [TensorPlan, TensorPlan] {
  return [
    matrix(`${name}.weight`, `${source}.weight`, outputs, inputs),
    vector(`${name}.bias`, `${source}.bias`, outputs),
  ];
}

function queryKeyValue(name: string, source: string, width: number, layout: Layout): TensorPlan[] {
  const [weight, bias] = linear(name, source, 3 * width, width);
  return [
    { ...weight, layout },
    { ...bias, layout, rows: 3 * width, columns: 1 },
  ];
}

function block(index: number, { width, inner }: DecoderShape, heads: Layout): TensorPlan[] {
  const to = `blk.${index}`;
  const from = `layers.${index}`;
  return [
    ...norm(`${to}.attn_norm`, `${from}.input_layernorm`, width),
    ...queryKeyValue(`${to}.attn_qkv`, `${from}.attention.query_key_value`, width, heads),
    ...linear(`${to}.attn_output`, `${from}.attention.dense`, width, width),
    ...norm(`${to}.ffn_norm`, `${from}.post_attention_layernorm`, width),
    ...linear(`${to}.ffn_up`, `${from}.mlp.dense_h_to_4h`, inner, width),
    ...linear(`${to}.ffn_down`, `${from}.mlp.dense_4h_to_h`, width, inner),
  ];
}

export const gptneox: Architecture = {
  name: 'gptneox',
  modelType: 'gpt_neox',
  className: 'GPTNeoXForCausalLM',
  prefix: 'gpt_neox.',
  buffers: /^(?:embed_out\.weight|layers\.\d+\.attention\.(?:bias|masked_bias|rotary_emb\.inv_freq))$/,
  plan(config) {
    const shape = readShape(config);
    const { layers, width, inner, heads, headWidth, context, vocabulary, tied } = shape;
    const layout = byKind(heads, headWidth);
    return {
      vocabulary,
      summary: describeShape(shape),
      metadata: [
        u32('gptneox.context_length', context),
        u32('gptneox.embedding_length', width),
        u32('gptneox.feed_forward_length', inner),
        u32('gptneox.block_count', layers),
        ...rope(config, headWidth),
        u32('gptneox.attention.head_count', heads),
        bool('gptneox.use_parallel_residual', config.flag('use_parallel_residual', true)),
        f32('gptneox.attention.layer_norm_epsilon', config.positive('layer_norm_eps', 1, 1e-5)),
      ],
      tensors: [
        matrix('token_embd.weight', 'embed_in.weight', vocabulary, width),
        ...Array.from({ length: layers }, (_, index) => block(index, shape, layout)).flat(),
        ...norm('output_norm', 'final_layer_norm', width),
        ...(tied ? [] : [matrix('output.weight', 'embed_out.weight', vocabulary, width)]),
      ],
    };
  },
};
