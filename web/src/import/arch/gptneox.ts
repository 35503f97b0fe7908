/** GPT-NeoX and Pythia: rotary positions on a part of each head, attention and MLP usually in parallel. */
import type { Fields } from '../config.ts';
import { bool, f32, u32 } from '../gguf-writer.ts';
import {
  biasedLinear,
  describeShape,
  matrix,
  norm,
  type Architecture,
  type DecoderShape,
  type Layout,
  type TensorPlan,
} from '../plan.ts';
import { decoderMetadata, readDecoderShape } from './decoder.ts';
import { readRope } from './rope.ts';

function readShape(config: Fields): DecoderShape {
  config.requireOneOf('hidden_act', ['gelu'], 'gelu');
  config.requireOneOf('attention_bias', [true], true);
  return readDecoderShape(config, { tied: false });
}

/** The checkpoint keeps q, k and v head by head, [head][q, k, v][head width]; written are all q, all k, all v. */
function byKind(heads: number, headWidth: number): Layout {
  const runs = [0, 1, 2].flatMap((kind) =>
    Array.from({ length: heads }, (_, head) => ({ first: (head * 3 + kind) * headWidth, count: headWidth })),
  );
  return { kind: 'rows', runs };
}

function queryKeyValue(name: string, source: string, width: number, layout: Layout): TensorPlan[] {
  const [weight, bias] = biasedLinear(name, source, 3 * width, width);
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
    ...biasedLinear(`${to}.attn_output`, `${from}.attention.dense`, width, width),
    ...norm(`${to}.ffn_norm`, `${from}.post_attention_layernorm`, width),
    ...biasedLinear(`${to}.ffn_up`, `${from}.mlp.dense_h_to_4h`, inner, width),
    ...biasedLinear(`${to}.ffn_down`, `${from}.mlp.dense_4h_to_h`, width, inner),
  ];
}

export const gptneox: Architecture = {
  name: 'gptneox',
  modelType: 'gpt_neox',
  className: 'GPTNeoXForCausalLM',
  prefixes: ['gpt_neox.'],
  buffers: /^(?:embed_out\.weight|layers\.\d+\.attention\.(?:bias|masked_bias|rotary_emb\.inv_freq))$/,
  plan(config) {
    const shape = readShape(config);
    const { layers, width, heads, headWidth, vocabulary, tied } = shape;
    const layout = byKind(heads, headWidth);
    return {
      vocabulary,
      summary: describeShape(shape),
      metadata: [
        ...decoderMetadata('gptneox', shape),
        ...readRope(config, { family: 'gptneox', headWidth, shareField: 'rotary_pct', share: 0.25 }).metadata,
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
