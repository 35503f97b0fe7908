/** A tokenizer that is only there as vocab.json and merges.txt, held against the tokenizer.json of the same model. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { memorySource, type ByteSource } from '@web/import/bytes.ts';
import { Fields } from '@web/import/config.ts';
import { loadVocabulary } from '@web/import/tokenizer-files.ts';
import type { Vocabulary } from '@web/import/tokenizer.ts';
import { jsonBytes, refusal, TINY_CONFIG, utf8, type JsonRecord } from './import-helpers.ts';

const load = (files: readonly ByteSource[], config: JsonRecord, size: number): Promise<Vocabulary> =>
  loadVocabulary(
    { files, from: 'tiny', name: 'Tiny', type: 'f32' },
    Fields.parse(jsonBytes(config), 'config.json'),
    size,
  );

const json = (name: string, value: JsonRecord): ByteSource => memorySource(name, jsonBytes(value));
const VOCAB = { a: 0, b: 1, Ġ: 2, ab: 3, Ġab: 4, '<|endoftext|>': 5, '<pad>': 6 };
const MERGES = '#version: 0.2\na b\nĠ ab\n';

interface Changes {
  readonly vocab?: JsonRecord;
  readonly merges?: string;
  readonly settings?: JsonRecord;
  readonly more?: readonly ByteSource[];
  readonly config?: JsonRecord;
}

function lists({ vocab = VOCAB, merges = MERGES, settings = {}, more = [], config = {} }: Changes = {}) {
  const files = [
    json('vocab.json', vocab),
    memorySource('merges.txt', utf8(merges)),
    json('tokenizer_config.json', settings),
  ];
  return load([...files, ...more], { ...TINY_CONFIG, ...config }, 8);
}

describe('vocab.json and merges.txt', () => {
  it('with the special token of GPT-2 where nothing is said', async () => {
    const made = await lists();
    expect(made).toMatchObject({ model: 'gpt2', pre: 'gpt-2', merges: ['a b', 'Ġ ab'], addBos: null });
    expect(made.tokens).toEqual(['a', 'b', 'Ġ', 'ab', 'Ġab', '<|endoftext|>', '<pad>', '[PAD7]']);
    expect(made.kinds).toEqual([1, 1, 1, 1, 1, 3, 1, 5]);
    expect([...made.special]).toEqual([
      ['bos', 5],
      ['eos', 5],
      ['unknown', 5],
    ]);
  });

  it('with special tokens from either file, as a text or an object', async () => {
    const settings = { pad_token: { content: '<pad>' }, add_bos_token: true };
    const more = [json('special_tokens_map.json', { bos_token: 'ab', pad_token: 'b' })];
    const made = await lists({ settings, more });
    expect([...made.special]).toEqual([
      ['bos', 3],
      ['eos', 5],
      ['unknown', 5],
      ['padding', 6],
    ]);
    expect(made.addBos).toBe(true);
    expect([made.kinds[3], made.kinds[6]]).toEqual([3, 3]);
  });

  it('with tokens that only added_tokens.json or added_tokens_decoder has', async () => {
    const settings = { eos_token: '<end>', added_tokens_decoder: { 6: { content: '<pad>', special: true } } };
    const made = await lists({ settings, more: [json('added_tokens.json', { '<end>': 7, ab: 3 })] });
    expect(made.tokens[7]).toBe('<end>');
    expect(made.kinds).toEqual([1, 1, 1, 4, 1, 3, 3, 3]);
    expect(made.special.get('eos')).toBe(7);
  });

  it.each([
    ['a family that cuts otherwise', { config: { model_type: 'qwen2' } }, 'unsupported', /"qwen2"/],
    [
      'a class that cuts otherwise',
      { settings: { tokenizer_class: 'Qwen2Tokenizer' } },
      'unsupported',
      /"Qwen2Tokenizer"/,
    ],
    ['a space in front', { settings: { add_prefix_space: true } }, 'unsupported', /add_prefix_space/],
    [
      'a special token that is nowhere',
      { settings: { bos_token: '<s>' } },
      'bad-value',
      /"bos_token" is "<s>"/,
    ],
    ['no special token of GPT-2', { vocab: { a: 0 }, merges: '' }, 'empty', /merges\.txt/],
    ['a merge of one', { merges: 'a b\nab\n' }, 'bad-type', /^vocab\.json with merges\.txt: merge 1/],
    ['a merge of an unknown token', { merges: 'a z\n' }, 'bad-value', /merge 0.*"z"/],
    ['an empty line', { merges: 'a b\n\nĠ ab\n' }, 'bad-type', /merge 1/],
    ['two tokens with one id', { vocab: { ...VOCAB, c: 0 } }, 'duplicate', /"a" and "c"/],
    ['an added token that contradicts', { more: [json('added_tokens.json', { x: 0 })] }, 'duplicate', /"x"/],
  ])('%s is refused', async (_, changes, code, sentence) => {
    const error = await refusal(() => lists(changes));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
  });

  it('merges that are not UTF-8, and one of the two alone', async () => {
    const vocab = json('vocab.json', VOCAB);
    const broken = memorySource('merges.txt', Uint8Array.of(0xff));
    expect(await refusal(() => load([vocab, broken], TINY_CONFIG, 8))).toMatchObject({
      code: 'bad-encoding',
    });
    expect(await refusal(() => load([vocab], TINY_CONFIG, 8))).toMatchObject({ code: 'missing' });
  });
});

/** The published tokenizers, where they are present. */
const SHARED = process.env.LOGITSCOPE_SHARED ?? '../shared';
const PUBLISHED = fileURLToPath(new URL(`${SHARED}/data/tokenizers`, new URL('../../../', import.meta.url)));

describe('published tokenizers', () => {
  it.skipIf(!existsSync(`${PUBLISHED}/opt-125m/tokenizer.json`)).each([
    ['opt-125m', 'opt', 50272],
    ['gpt2', 'gpt2', 50257],
  ])('%s gives the same from its lists as from its tokenizer.json', async (folder, model, size) => {
    const file = (name: string): Uint8Array => new Uint8Array(readFileSync(`${PUBLISHED}/${folder}/${name}`));
    const tokenizer = JSON.parse(new TextDecoder().decode(file('tokenizer.json'))) as {
      model: { vocab: JsonRecord; merges: string[][] };
    };
    const settings = memorySource('tokenizer_config.json', file('tokenizer_config.json'));
    const merges = `#version: 0.2\n${tokenizer.model.merges.map((merge) => merge.join(' ')).join('\n')}\n`;
    const lists = [
      json('vocab.json', tokenizer.model.vocab),
      memorySource('merges.txt', utf8(merges)),
      settings,
    ];
    const whole = [memorySource('tokenizer.json', file('tokenizer.json')), settings];
    const config = { model_type: model };
    expect(await load(lists, config, size)).toEqual(await load(whole, config, size));
  });
});
