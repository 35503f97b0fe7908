/** What the families after GPT-2 and GPT-NeoX read from config.json, and what they refuse. */
import { describe, expect, it } from 'vitest';
import { findArchitecture } from '@web/import/arch/index.ts';
import { Fields } from '@web/import/config.ts';
import type { ModelPlan } from '@web/import/plan.ts';
import { jsonBytes, refusal, type JsonRecord } from './import-helpers.ts';

const SHAPE: JsonRecord = {
  vocab_size: 100,
  max_position_embeddings: 16,
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 256,
};
const LLAMA: JsonRecord = { ...SHAPE, model_type: 'llama', num_key_value_heads: 2 };
const PHI: JsonRecord = { ...SHAPE, model_type: 'phi' };
const OPT: JsonRecord = { ...SHAPE, model_type: 'opt', ffn_dim: 256 };
const LLAMA3_ROPE: JsonRecord = {
  rope_type: 'llama3',
  factor: 32,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
};

function plan(base: JsonRecord, changes: JsonRecord): ModelPlan {
  const config = Fields.parse(jsonBytes({ ...base, ...changes }), 'config.json');
  return findArchitecture(config).plan(config);
}

const keys = (made: ModelPlan): Record<string, unknown> =>
  Object.fromEntries(made.metadata.map(([key, { value }]) => [key, value]));

describe('config.json of the other families: what is refused', () => {
  it.each([
    [
      'groups that do not divide',
      LLAMA,
      { num_key_value_heads: 3 },
      'bad-value',
      /"num_key_value_heads" is 3/,
    ],
    ['zero groups', LLAMA, { num_key_value_heads: 0 }, 'bad-value', /"num_key_value_heads" is 0/],
    ['attention biases', LLAMA, { attention_bias: true }, 'unsupported', /"attention_bias"/],
    ['feed-forward biases', LLAMA, { mlp_bias: true }, 'unsupported', /"mlp_bias"/],
    ['another scaling', LLAMA, { rope_scaling: { rope_type: 'yarn' } }, 'unsupported', /"yarn".*llama3/],
    ['Llama 3 rope elsewhere', PHI, { rope_scaling: LLAMA3_ROPE }, 'unsupported', /"llama3".*known: default/],
    [
      'a scaling without its factor',
      LLAMA,
      { rope_scaling: { ...LLAMA3_ROPE, factor: null } },
      'missing',
      /"factor" is missing/,
    ],
    [
      'a scaling upside down',
      LLAMA,
      { rope_scaling: { ...LLAMA3_ROPE, high_freq_factor: 1 } },
      'bad-value',
      /above "low_freq_factor", 1/,
    ],
    [
      'a window over some layers',
      { ...LLAMA, model_type: 'qwen2' },
      { use_sliding_window: true },
      'unsupported',
      /"use_sliding_window"/,
    ],
    ['norms on queries', PHI, { qk_layernorm: true }, 'unsupported', /"qk_layernorm"/],
    [
      'grouped queries in Phi',
      PHI,
      { num_key_value_heads: 2 },
      'unsupported',
      /must be 4, as "num_attention_heads"/,
    ],
    [
      'norms behind the layers',
      OPT,
      { do_layer_norm_before: false },
      'unsupported',
      /"do_layer_norm_before"/,
    ],
    [
      'a projected embedding',
      OPT,
      { word_embed_proj_dim: 32 },
      'unsupported',
      /must be 64, as "hidden_size" is/,
    ],
  ])('%s', async (_, base, changes, code, sentence) => {
    const error = await refusal(async () => Promise.resolve(plan(base, changes)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch(/^config\.json: .*\.$/);
  });
});

describe('config.json of the other families: what is planned', () => {
  it('llama: keys, order of rows and names', () => {
    const made = plan(LLAMA, {
      rope_theta: 500_000,
      rope_scaling: LLAMA3_ROPE,
      head_dim: 32,
      rms_norm_eps: 1e-5,
    });
    expect(keys(made)).toEqual({
      'llama.context_length': 16,
      'llama.embedding_length': 64,
      'llama.feed_forward_length': 256,
      'llama.block_count': 2,
      'llama.attention.head_count': 4,
      'llama.attention.head_count_kv': 2,
      'llama.attention.key_length': 32,
      'llama.attention.value_length': 32,
      'llama.attention.layer_norm_rms_epsilon': 1e-5,
      'llama.rope.dimension_count': 32,
      'llama.rope.freq_base': 500_000,
      'llama.vocab_size': 100,
    });
    const shapes = Object.fromEntries(
      made.tensors.map(({ name, shape, layout }) => [name, [shape, layout.kind]]),
    );
    expect(shapes).toMatchObject({
      'blk.1.attn_q.weight': [[128, 64], 'halves'],
      'blk.1.attn_k.weight': [[64, 64], 'halves'],
      'blk.1.attn_v.weight': [[64, 64], 'rows'],
      'blk.1.attn_output.weight': [[64, 128], 'rows'],
    });
    const [factors] = made.constants ?? [];
    expect(factors?.name).toBe('rope_freqs.weight');
    expect([factors?.values.length, factors?.values[0], factors?.values.at(-1)]).toEqual([16, 1, 32]);
  });

  it('mistral: a window where there is one', () => {
    const mistral = { ...LLAMA, model_type: 'mistral' };
    expect(keys(plan(mistral, { sliding_window: 8 }))).toHaveProperty(['llama.attention.sliding_window'], 8);
    expect(keys(plan(mistral, { sliding_window: null }))).not.toHaveProperty([
      'llama.attention.sliding_window',
    ]);
  });

  it('opt: the positions begin behind the padding', () => {
    const made = plan(OPT, {});
    const positions = made.tensors.find(({ name }) => name === 'position_embd.weight');
    expect(positions).toMatchObject({
      shape: [18, 64],
      rows: 16,
      layout: { runs: [{ first: 2, count: 16 }] },
    });
  });
});
