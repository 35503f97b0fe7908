/** The true shapes of published models, as their config.json says them. A new one is an entry here. */
import type { VocabularyShape } from './vocabulary.ts';

export interface ModelShape {
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly vocabulary: VocabularyShape;
}

const END = '<|endoftext|>';

function gpt2(layers: number, width: number, heads: number, vocabulary = 50_257): ModelShape {
  return {
    config: {
      model_type: 'gpt2',
      n_layer: layers,
      n_embd: width,
      n_head: heads,
      n_positions: 1024,
      vocab_size: vocabulary,
    },
    vocabulary: { size: vocabulary, tokens: vocabulary, head: [], tail: [END], pre: 'gpt-2' },
  };
}

function pythia(layers: number, width: number, heads: number, vocabulary = 50_304): ModelShape {
  return {
    config: {
      model_type: 'gpt_neox',
      num_hidden_layers: layers,
      hidden_size: width,
      num_attention_heads: heads,
      intermediate_size: 4 * width,
      max_position_embeddings: 2048,
      rotary_pct: 0.25,
      rotary_emb_base: 10_000,
      use_parallel_residual: true,
      tie_word_embeddings: false,
      vocab_size: vocabulary,
    },
    vocabulary: { size: vocabulary, tokens: vocabulary - 27, head: [END, '<|padding|>'], tail: [], pre: 'olmo' },
  };
}

/** Grouped-query attention with biases, gated feed-forward, tied unembedding. */
function qwen2(layers: number, width: number, heads: number, inner: number, vocabulary = 151_936): ModelShape {
  return {
    config: {
      model_type: 'qwen2',
      num_hidden_layers: layers,
      hidden_size: width,
      num_attention_heads: heads,
      num_key_value_heads: 2,
      intermediate_size: inner,
      max_position_embeddings: 32_768,
      rope_theta: 1_000_000,
      rms_norm_eps: 1e-6,
      tie_word_embeddings: true,
      vocab_size: vocabulary,
    },
    vocabulary: { size: vocabulary, tokens: vocabulary - 271, head: [], tail: [END], pre: 'qwen2' },
  };
}

/** LLaMA-like: RoPE, RMSNorm, SwiGLU, output tied. */
function llama(layers: number, width: number, heads: number, inner: number): ModelShape {
  return {
    config: {
      model_type: 'llama',
      num_hidden_layers: layers,
      hidden_size: width,
      num_attention_heads: heads,
      num_key_value_heads: heads,
      intermediate_size: inner,
      max_position_embeddings: 1024,
      rope_theta: 10_000,
      rms_norm_eps: 1e-5,
      hidden_act: 'silu',
      tie_word_embeddings: true,
      vocab_size: 50_257,
    },
    vocabulary: { size: 50_257, tokens: 50_257, head: [], tail: [END], pre: 'gpt-2' },
  };
}

export const SHAPES: ReadonlyMap<string, ModelShape> = new Map([
  ['gpt2', gpt2(12, 768, 12)],
  ['distilgpt2', gpt2(6, 768, 12)],
  ['pythia-70m', pythia(6, 512, 8)],
  ['pythia-160m', pythia(12, 768, 12)],
  ['qwen2.5-0.5b', qwen2(24, 896, 14, 4864)],
  // A modern decoder of 12 layers, 1024 wide, with 16 heads: run it with --sinks 4 and a --window.
  ['modern-12x1024', llama(12, 1024, 16, 4096)],
  // GPT-2 with other depths and vocabularies: how time grows (growth.ts).
  ['gpt2-3-layers', gpt2(3, 768, 12)],
  ['gpt2-24-layers', gpt2(24, 768, 12)],
  ['gpt2-6k-tokens', gpt2(12, 768, 12, 6_282)],
  ['gpt2-12k-tokens', gpt2(12, 768, 12, 12_564)],
  ['gpt2-25k-tokens', gpt2(12, 768, 12, 25_128)],
  // Small ones, to check that the bench itself works.
  ['quick-gpt2', gpt2(2, 128, 4, 6_282)],
  ['quick-pythia', pythia(2, 128, 4, 6_304)],
  ['quick-qwen2', qwen2(2, 128, 4, 256, 6_400)],
]);
