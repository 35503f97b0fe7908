/**
 * What LLaMA, Mistral and Qwen2 have in common: RMS norms, rotary positions, keys and values shared by groups of heads,
 * a gated feed-forward network. The families differ in biases and in the order of the rows of q and k.
 */
import { LIMITS, type Fields } from '../config.ts';
import { f32, u32, type MetadataEntry } from '../gguf-writer.ts';
import {
  describeShape,
  matrix,
  vector,
  type DecoderShape,
  type Layout,
  type ModelPlan,
  type TensorPlan,
} from '../plan.ts';
import { decoderMetadata, readDecoderShape } from './decoder.ts';
import { readRope } from './rope.ts';

export interface GatedTraits {
  /** general.architecture, in front of every key. */
  readonly family: string;
  /** q, k and v have biases. */
  readonly biased: boolean;
  /** The file interleaves the halves of each head of q and k. */
  readonly paired: boolean;
  /** Whether rotary frequencies may be scaled as Llama 3's are. */
  readonly scaled: boolean;
  readonly metadata?: readonly MetadataEntry[];
}

interface GatedShape extends DecoderShape {
  readonly keyValueHeads: number;
}

function readShape(config: Fields): GatedShape {
  config.requireOneOf('hidden_act', ['silu'], 'silu');
  const shape = readDecoderShape(config, { tied: false, freeHeads: true });
  return { ...shape, keyValueHeads: readKeyValueHeads(config, shape.heads) };
}

function readKeyValueHeads(config: Fields, heads: number): number {
  const name = 'num_key_value_heads';
  const count = config.count(name, { max: LIMITS.heads, otherwise: heads });
  config.headWidth(name, count, 'num_attention_heads', heads);
  return count;
}

function block(index: number, shape: GatedShape, { biased, paired }: GatedTraits): TensorPlan[] {
  const { width, inner, heads, headWidth, keyValueHeads } = shape;
  const to = `blk.${index}`;
  const from = `layers.${index}`;
  const layout: Layout = { kind: 'halves', headWidth };
  const projection = (letter: string, count: number, order: Partial<TensorPlan>): TensorPlan[] => {
    const name = `${to}.attn_${letter}`;
    const source = `${from}.self_attn.${letter}_proj`;
    const weight = { ...matrix(`${name}.weight`, `${source}.weight`, count * headWidth, width), ...order };
    return biased ? [weight, vector(`${name}.bias`, `${source}.bias`, count * headWidth)] : [weight];
  };
  return [
    vector(`${to}.attn_norm.weight`, `${from}.input_layernorm.weight`, width),
    ...projection('q', heads, paired ? { layout } : {}),
    ...projection('k', keyValueHeads, paired ? { layout } : {}),
    ...projection('v', keyValueHeads, {}),
    matrix(`${to}.attn_output.weight`, `${from}.self_attn.o_proj.weight`, width, heads * headWidth),
    vector(`${to}.ffn_norm.weight`, `${from}.post_attention_layernorm.weight`, width),
    matrix(`${to}.ffn_gate.weight`, `${from}.mlp.gate_proj.weight`, inner, width),
    matrix(`${to}.ffn_up.weight`, `${from}.mlp.up_proj.weight`, inner, width),
    matrix(`${to}.ffn_down.weight`, `${from}.mlp.down_proj.weight`, width, inner),
  ];
}

/** Purpose: the plan of such a model. */
export function planGated(config: Fields, traits: GatedTraits): ModelPlan {
  const shape = readShape(config);
  const { layers, width, heads, headWidth, keyValueHeads, vocabulary, tied } = shape;
  const { family, scaled, metadata = [] } = traits;
  const rope = readRope(config, { family, headWidth, scaled });
  const lengths = ['key_length', 'value_length'].map((name) => u32(`${family}.attention.${name}`, headWidth));
  return {
    vocabulary,
    summary: describeShape(shape),
    metadata: [
      ...decoderMetadata(family, shape),
      u32(`${family}.attention.head_count`, heads),
      u32(`${family}.attention.head_count_kv`, keyValueHeads),
      ...(headWidth * heads === width ? [] : lengths),
      f32(`${family}.attention.layer_norm_rms_epsilon`, config.positive('rms_norm_eps', 1, 1e-6)),
      ...rope.metadata,
      ...metadata,
    ],
    tensors: [
      matrix('token_embd.weight', 'embed_tokens.weight', vocabulary, width),
      ...Array.from({ length: layers }, (_, index) => block(index, shape, traits)).flat(),
      vector('output_norm.weight', 'norm.weight', width),
      ...(tied ? [] : [matrix('output.weight', 'lm_head.weight', vocabulary, width)]),
    ],
    constants: rope.constants,
  };
}

/** lm_head where it is tied, and the frequencies that older checkpoints kept. */
export const GATED_BUFFERS = /^(?:lm_head\.weight|(?:layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq)$/;
