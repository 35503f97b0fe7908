import { describe, expect, it } from 'vitest';
import { f16FromBits } from '@web/import/quantise.ts';
import {
  convert,
  floats,
  numbered,
  reshaped,
  tinyFiles,
  TINY_SHAPES,
  weights,
  type JsonRecord,
} from './import-helpers.ts';

describe('a GPT-2 folder', () => {
  it('metadata', async () => {
    const settings = { bos_token: '<|end|>', add_bos_token: true };
    const { gguf, plan, notes } = await convert(tinyFiles({ settings }), { type: 'q8_0' });
    expect(Object.fromEntries(gguf.metadata)).toEqual({
      'general.architecture': 'gpt2',
      'general.type': 'model',
      'general.name': 'Tiny',
      'gpt2.context_length': 3,
      'gpt2.embedding_length': 32,
      'gpt2.feed_forward_length': 64,
      'gpt2.block_count': 1,
      'gpt2.attention.head_count': 2,
      'gpt2.attention.layer_norm_epsilon': Math.fround(1e-5),
      'general.file_type': 7,
      'general.quantization_version': 2,
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'gpt-2',
      'tokenizer.ggml.tokens': ['a', 'b', 'Ġ', 'ab', 'Ġab', '<|end|>', '  ', '[PAD7]'],
      'tokenizer.ggml.token_type': [1, 1, 1, 1, 1, 3, 4, 5],
      'tokenizer.ggml.merges': ['a b', 'Ġ ab'],
      'tokenizer.ggml.bos_token_id': 5,
      'tokenizer.ggml.add_bos_token': true,
    });
    expect(plan).toMatchObject({ name: 'Tiny', architecture: 'gpt2', tensors: 16, parameters: 8960 });
    expect(notes).toEqual([]);
  });

  it('values: rows as they are, Conv1D turned', async () => {
    const source = numbered(TINY_SHAPES);
    const { gguf } = await convert(tinyFiles());
    const of = (name: string): number[] => [...(source.get(name)?.values ?? [])];
    expect(floats(gguf, 'token_embd.weight')).toEqual(of('wte.weight'));
    expect(floats(gguf, 'blk.0.attn_qkv.bias')).toEqual(of('h.0.attn.c_attn.bias'));
    const conv = of('h.0.mlp.c_fc.weight');
    const turned = Array.from({ length: 64 * 32 }, (_, i) => conv[(i % 32) * 64 + Math.floor(i / 32)]);
    expect(floats(gguf, 'blk.0.ffn_up.weight')).toEqual(turned);
    expect(gguf.tensors.get('blk.0.ffn_up.weight')?.dims).toEqual([32, 64]);
    expect(gguf.tensors.get('blk.0.ffn_up.bias')?.dims).toEqual([64]);
  });

  it.each([
    ['f32', 0],
    ['f16', 1],
    ['q8_0', 8],
  ] as const)('types of %s', async (type, id) => {
    const { gguf } = await convert(tinyFiles(), { type });
    const typeOf = (name: string): number | undefined => gguf.tensors.get(name)?.type;
    expect(typeOf('token_embd.weight')).toBe(id);
    expect(typeOf('blk.0.ffn_down.weight')).toBe(id);
    expect(typeOf('position_embd.weight')).toBe(0);
    expect(typeOf('output_norm.weight')).toBe(0);
    expect(typeOf('blk.0.ffn_down.bias')).toBe(0);
  });

  it('names with and without their prefix; buffers and a tied output are left out', async () => {
    const plain = numbered({ ...TINY_SHAPES, 'h.0.attn.bias': [1, 1, 3, 3] });
    const prefixed = new Map([...plain].map(([name, tensor]) => [`transformer.${name}`, tensor]));
    prefixed.set('lm_head.weight', { shape: [8, 32], values: new Float32Array(256) });
    const [one, other] = [
      await convert(tinyFiles(weights(plain))),
      await convert(tinyFiles(weights(prefixed))),
    ];
    expect([...other.gguf.tensors]).toEqual([...one.gguf.tensors]);
    expect(one.gguf.tensors.size).toBe(16);
  });

  it('an output of its own where config.json says so', async () => {
    const folder = { ...reshaped({ 'lm_head.weight': [8, 32] }), config: { tie_word_embeddings: false } };
    const { gguf } = await convert(tinyFiles(folder));
    expect([...gguf.tensors.keys()].at(-1)).toBe('output.weight');
  });

  it('rows that do not fill a block fall back to F16, with a note', async () => {
    const shapes = {
      'h.0.mlp.c_fc.weight': [32, 40],
      'h.0.mlp.c_fc.bias': [40],
      'h.0.mlp.c_proj.weight': [40, 32],
    };
    const { gguf, notes } = await convert(tinyFiles({ ...reshaped(shapes), config: { n_inner: 40 } }), {
      type: 'q8_0',
    });
    expect(gguf.tensors.get('blk.0.ffn_down.weight')).toMatchObject({ type: 1, dims: [40, 32] });
    expect(gguf.tensors.get('blk.0.ffn_up.weight')?.type).toBe(8);
    expect(notes).toEqual(['stored as f16, because their rows are no multiple of 32: blk.0.ffn_down.weight']);
  });

  it('weights that are NaN, infinite or too large are kept and noted', async () => {
    const tensors = numbered(TINY_SHAPES);
    tensors.get('wte.weight')?.values.set([NaN, -Infinity, 70_000]);
    const { gguf, notes } = await convert(tinyFiles(weights(tensors)), { type: 'f16' });
    const bits = new Uint16Array(gguf.tensors.get('token_embd.weight')?.data.buffer ?? new ArrayBuffer());
    expect([...bits.slice(0, 3)]).toEqual([f16FromBits(0x7fc00000), 0xfc00, 0x7c00]);
    expect(notes).toEqual([
      'weights of token_embd.weight that are NaN or infinite: 2',
      'weights of token_embd.weight that are too large for its type and become infinite: 1',
    ]);
  });
});

describe('a GPT-NeoX folder', () => {
  const config: JsonRecord = {
    model_type: 'gpt_neox',
    max_position_embeddings: 4,
    hidden_size: 12,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 12,
    rotary_pct: 1,
  };
  const linear = (name: string, rows: number): Record<string, number[]> => ({
    [`${name}.weight`]: [rows, 12],
    [`${name}.bias`]: [rows],
  });
  const pair = (name: string): Record<string, number[]> => ({
    [`${name}.weight`]: [12],
    [`${name}.bias`]: [12],
  });
  const shapes = {
    'gpt_neox.embed_in.weight': [8, 12],
    ...pair('gpt_neox.layers.0.input_layernorm'),
    ...pair('gpt_neox.layers.0.post_attention_layernorm'),
    ...linear('gpt_neox.layers.0.attention.query_key_value', 36),
    ...linear('gpt_neox.layers.0.attention.dense', 12),
    ...linear('gpt_neox.layers.0.mlp.dense_h_to_4h', 12),
    ...linear('gpt_neox.layers.0.mlp.dense_4h_to_h', 12),
    ...pair('gpt_neox.final_layer_norm'),
    'embed_out.weight': [8, 12],
  };

  it('q, k and v of each head become all q, all k, all v', async () => {
    const tensors = numbered(shapes);
    tensors
      .get('gpt_neox.layers.0.attention.query_key_value.bias')
      ?.values.set(Array.from({ length: 36 }, (_, i) => i));
    tensors
      .get('gpt_neox.layers.0.attention.query_key_value.weight')
      ?.values.set(Array.from({ length: 36 * 12 }, (_, i) => i));
    const { gguf } = await convert(tinyFiles({ config, ...weights(tensors) }));
    const rows = [0, 18, 6, 24, 12, 30].flatMap((first) => Array.from({ length: 6 }, (_, i) => first + i));
    expect(floats(gguf, 'blk.0.attn_qkv.bias')).toEqual(rows);
    const columns = rows.flatMap((row) => Array.from({ length: 12 }, (_, i) => row * 12 + i));
    expect(floats(gguf, 'blk.0.attn_qkv.weight')).toEqual(columns);
    expect(gguf.tensors.get('blk.0.attn_qkv.weight')?.dims).toEqual([12, 36]);
    expect(gguf.tensors.get('blk.0.attn_qkv.bias')?.dims).toEqual([36]);
  });

  it('buffers are left out', async () => {
    const buffers = {
      'gpt_neox.layers.0.attention.bias': [1, 1, 4, 4],
      'gpt_neox.layers.0.attention.masked_bias': [],
      'gpt_neox.layers.0.attention.rotary_emb.inv_freq': [3],
    };
    const { gguf } = await convert(tinyFiles({ config, ...weights(numbered({ ...shapes, ...buffers })) }));
    expect(gguf.tensors.size).toBe(16);
  });
});
