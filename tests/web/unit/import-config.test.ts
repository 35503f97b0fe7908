import { describe, expect, it } from 'vitest';
import { findArchitecture } from '@web/import/arch/index.ts';
import { Fields } from '@web/import/config.ts';
import type { ModelPlan } from '@web/import/plan.ts';
import { jsonBytes, refusal, TINY_CONFIG, utf8, type JsonRecord } from './import-helpers.ts';

const NEOX: JsonRecord = {
  model_type: 'gpt_neox',
  vocab_size: 100,
  max_position_embeddings: 16,
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 256,
};

function planText(text: Uint8Array): ModelPlan {
  const config = Fields.parse(text, 'config.json');
  return findArchitecture(config).plan(config);
}

const plan = (base: JsonRecord, changes: JsonRecord): ModelPlan =>
  planText(jsonBytes({ ...base, ...changes }));

const keys = (made: ModelPlan): Record<string, unknown> =>
  Object.fromEntries(made.metadata.map(([key, { value }]) => [key, value]));

describe('config.json: what is refused', () => {
  it.each([
    ['zero heads', TINY_CONFIG, { n_head: 0 }, 'bad-value', /"n_head" is 0.*from 1 to/],
    ['zero layers', TINY_CONFIG, { n_layer: 0 }, 'bad-value', /"n_layer" is 0/],
    ['zero vocabulary', TINY_CONFIG, { vocab_size: 0 }, 'bad-value', /"vocab_size" is 0/],
    ['zero width', NEOX, { hidden_size: 0 }, 'bad-value', /"hidden_size" is 0/],
    ['a billion layers', NEOX, { num_hidden_layers: 1e9 }, 'bad-value', /from 1 to 4,096/],
    ['negative context', TINY_CONFIG, { n_positions: -1 }, 'bad-value', /"n_positions" is -1/],
    ['fractional width', TINY_CONFIG, { n_embd: 32.5 }, 'bad-value', /32\.5/],
    ['width beyond 2^53', TINY_CONFIG, { n_embd: 2 ** 60 }, 'bad-value', /from 1 to 1,048,576/],
    [
      'heads that do not divide',
      TINY_CONFIG,
      { n_head: 5 },
      'bad-value',
      /5, which does not divide "n_embd", 32/,
    ],
    ['heads that do not divide', NEOX, { num_attention_heads: 3 }, 'bad-value', /"hidden_size", 64/],
    [
      'a text for a number',
      TINY_CONFIG,
      { n_layer: '12' },
      'bad-type',
      /"n_layer" is "12"; it must be a number/,
    ],
    ['a missing field', NEOX, { intermediate_size: null }, 'missing', /"intermediate_size" is missing/],
    ['eps 0', TINY_CONFIG, { layer_norm_epsilon: 0 }, 'bad-value', /"layer_norm_epsilon" is 0/],
    ['rope base 0', NEOX, { rotary_emb_base: 0 }, 'bad-value', /"rotary_emb_base" is 0/],
    ['rope base negative', NEOX, { rope_parameters: { rope_theta: -1 } }, 'bad-value', /"rope_theta" is -1/],
    ['rotary share over 1', NEOX, { rotary_pct: 1.5 }, 'bad-value', /at most 1/],
    ['rotary share too small', NEOX, { rotary_pct: 0.01 }, 'bad-value', /turns 0 of the 16/],
    ['rotary share odd', NEOX, { rotary_pct: 0.2 }, 'bad-value', /turns 3 of the 16/],
    ['scaled rope', NEOX, { rope_scaling: { type: 'linear', factor: 2 } }, 'unsupported', /"linear"/],
    [
      'another rope',
      NEOX,
      { rope_parameters: { rope_type: 'yarn' } },
      'unsupported',
      /"yarn".*known: default/,
    ],
    ['rope that is no object', NEOX, { rope_parameters: 3 }, 'bad-type', /"rope_parameters" is 3/],
    ['another activation', TINY_CONFIG, { activation_function: 'relu' }, 'unsupported', /"relu".*gelu_new/],
    ['another activation', NEOX, { hidden_act: 'gelu_fast' }, 'unsupported', /"gelu_fast".*known: gelu/],
    ['no attention bias', NEOX, { attention_bias: false }, 'unsupported', /"attention_bias"/],
    [
      'scaling by layer',
      TINY_CONFIG,
      { scale_attn_by_inverse_layer_idx: true },
      'unsupported',
      /inverse_layer/,
    ],
    ['a flag that is no flag', NEOX, { use_parallel_residual: 'yes' }, 'bad-type', /true or false/],
    [
      'an unknown architecture',
      TINY_CONFIG,
      { model_type: 'mamba' },
      'unsupported',
      /"mamba".*gpt2, gpt_neox/,
    ],
    ['no architecture', TINY_CONFIG, { model_type: null }, 'missing', /"model_type".*gpt2, gpt_neox/],
    ['an unknown class', {}, { architectures: ['Foo'] }, 'unsupported', /"Foo".*gpt2, gpt_neox/],
  ])('%s', async (_, base, changes, code, sentence) => {
    const error = await refusal(async () => Promise.resolve(plan(base, changes)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch(/^config\.json: .*\.$/);
    expect(error.where).not.toBe('');
  });

  it.each(['NaN', 'Infinity', '-Infinity', '1e999'])('an epsilon of %s', async (number) => {
    const text = JSON.stringify({ ...TINY_CONFIG, layer_norm_epsilon: 7 }).replace('7}', `${number}}`);
    const error = await refusal(async () => Promise.resolve(planText(utf8(text))));
    expect(error).toMatchObject({ code: 'bad-value', where: 'layer_norm_epsilon' });
  });

  it.each(['NaN', 'Infinity', '-Infinity', '1e999'])('a rope base of %s', async (number) => {
    const text = JSON.stringify({ ...NEOX, rotary_emb_base: 7 }).replace('_base":7', `_base":${number}`);
    const error = await refusal(async () => Promise.resolve(planText(utf8(text))));
    expect(error).toMatchObject({ code: 'bad-value', where: 'rotary_emb_base' });
  });

  it.each([
    ['an array', '[]', 'bad-type'],
    ['a web page', '<!doctype html>', 'not-a-model'],
    ['text', 'hello', 'not-a-model'],
    ['a field twice', '{"n_embd":1,"n_embd":2}', 'duplicate'],
  ])('%s', async (_, text, code) => {
    const error = await refusal(async () => Promise.resolve(planText(utf8(text))));
    expect(error.code).toBe(code);
  });
});

describe('config.json: what is planned', () => {
  it('gpt2: keys, defaults and names', () => {
    const made = plan(TINY_CONFIG, { n_inner: null });
    expect(keys(made)).toEqual({
      'gpt2.context_length': 3,
      'gpt2.embedding_length': 32,
      'gpt2.feed_forward_length': 128,
      'gpt2.block_count': 1,
      'gpt2.attention.head_count': 2,
      'gpt2.attention.layer_norm_epsilon': 1e-5,
    });
    expect(made.tensors.map(({ name, source }) => [name, source])).toEqual([
      ['token_embd.weight', 'wte.weight'],
      ['position_embd.weight', 'wpe.weight'],
      ['blk.0.attn_norm.weight', 'h.0.ln_1.weight'],
      ['blk.0.attn_norm.bias', 'h.0.ln_1.bias'],
      ['blk.0.attn_qkv.weight', 'h.0.attn.c_attn.weight'],
      ['blk.0.attn_qkv.bias', 'h.0.attn.c_attn.bias'],
      ['blk.0.attn_output.weight', 'h.0.attn.c_proj.weight'],
      ['blk.0.attn_output.bias', 'h.0.attn.c_proj.bias'],
      ['blk.0.ffn_norm.weight', 'h.0.ln_2.weight'],
      ['blk.0.ffn_norm.bias', 'h.0.ln_2.bias'],
      ['blk.0.ffn_up.weight', 'h.0.mlp.c_fc.weight'],
      ['blk.0.ffn_up.bias', 'h.0.mlp.c_fc.bias'],
      ['blk.0.ffn_down.weight', 'h.0.mlp.c_proj.weight'],
      ['blk.0.ffn_down.bias', 'h.0.mlp.c_proj.bias'],
      ['output_norm.weight', 'ln_f.weight'],
      ['output_norm.bias', 'ln_f.bias'],
    ]);
  });

  it('gptneox: keys, defaults and names', () => {
    const made = plan(NEOX, {});
    expect(keys(made)).toEqual({
      'gptneox.context_length': 16,
      'gptneox.embedding_length': 64,
      'gptneox.feed_forward_length': 256,
      'gptneox.block_count': 2,
      'gptneox.rope.dimension_count': 4,
      'gptneox.attention.head_count': 4,
      'gptneox.use_parallel_residual': true,
      'gptneox.attention.layer_norm_epsilon': 1e-5,
    });
    const block = made.tensors.filter(({ name }) => name.startsWith('blk.1.') && name.endsWith('.weight'));
    expect(block.map(({ name, source }) => [name, source])).toEqual([
      ['blk.1.attn_norm.weight', 'layers.1.input_layernorm.weight'],
      ['blk.1.attn_qkv.weight', 'layers.1.attention.query_key_value.weight'],
      ['blk.1.attn_output.weight', 'layers.1.attention.dense.weight'],
      ['blk.1.ffn_norm.weight', 'layers.1.post_attention_layernorm.weight'],
      ['blk.1.ffn_up.weight', 'layers.1.mlp.dense_h_to_4h.weight'],
      ['blk.1.ffn_down.weight', 'layers.1.mlp.dense_4h_to_h.weight'],
    ]);
    expect(made.tensors.at(-1)).toMatchObject({ name: 'output.weight', source: 'embed_out.weight' });
  });

  it('an output matrix only where it is not tied', () => {
    const names = (made: ModelPlan): string[] => made.tensors.map(({ name }) => name);
    expect(names(plan(TINY_CONFIG, { tie_word_embeddings: false }))).toContain('output.weight');
    expect(names(plan(NEOX, { tie_word_embeddings: true }))).not.toContain('output.weight');
  });

  it.each([
    ['published names', { rotary_pct: 0.5, rotary_emb_base: 1234 }],
    ['rope_theta', { rotary_pct: 0.5, rope_theta: 1234 }],
    [
      'rope_parameters',
      { rope_parameters: { rope_type: 'default', partial_rotary_factor: 0.5, rope_theta: 1234 } },
    ],
  ])('rope from %s', (_, changes) => {
    expect(keys(plan(NEOX, changes))).toMatchObject({
      'gptneox.rope.dimension_count': 8,
      'gptneox.rope.freq_base': 1234,
    });
  });

  it('finds the architecture by its class where there is no model_type', () => {
    const config = { ...TINY_CONFIG, model_type: null, architectures: ['GPT2LMHeadModel'] };
    expect(keys(plan(config, {}))).toHaveProperty(['gpt2.block_count']);
  });
});
