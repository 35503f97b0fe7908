import { describe, expect, it } from 'vitest';
import { Fields } from '@web/import/config.ts';
import { readTokenizer, tokenizerMetadata, type Vocabulary } from '@web/import/tokenizer.ts';
import { jsonBytes, refusal, TINY_TOKENIZER, type JsonRecord, type JsonValue } from './import-helpers.ts';

const fields = (file: string, value: JsonRecord): Fields => Fields.parse(jsonBytes(value), file);

function read(
  tokenizer: JsonRecord,
  settings: JsonRecord = {},
  config: JsonRecord = {},
  size = 8,
): Vocabulary {
  return readTokenizer(
    fields('tokenizer.json', tokenizer),
    fields('tokenizer_config.json', settings),
    fields('config.json', config),
    size,
  );
}

/** The tiny tokenizer with fields of its model, or of itself, replaced. */
function changed(model: JsonRecord, top: JsonRecord = {}): JsonRecord {
  return { ...TINY_TOKENIZER, ...top, model: { ...(TINY_TOKENIZER.model as JsonRecord), ...model } };
}

const added = (entry: JsonValue): JsonRecord => changed({}, { added_tokens: [entry] });

describe('tokenizer.json: what is read', () => {
  it('tokens, kinds, padding and merges', () => {
    const vocabulary = read(TINY_TOKENIZER);
    expect(vocabulary.tokens).toEqual(['a', 'b', 'Ġ', 'ab', 'Ġab', '<|end|>', '  ', '[PAD7]']);
    expect(vocabulary.kinds).toEqual([1, 1, 1, 1, 1, 3, 4, 5]);
    expect(vocabulary.merges).toEqual(['a b', 'Ġ ab']);
  });

  it('an added token that the vocabulary has too', () => {
    const vocab = { a: 0, b: 1, Ġ: 2, ab: 3, Ġab: 4, '<|end|>': 5 };
    expect(read(changed({ vocab })).kinds[5]).toBe(3);
  });

  it('a hole in the vocabulary is padding', () => {
    const vocab = { a: 0, b: 1, Ġ: 3, ab: 4, Ġab: 7 };
    expect(read(changed({ vocab })).tokens[2]).toBe('[PAD2]');
  });

  it('the splitting rule', () => {
    expect(read(TINY_TOKENIZER).pre).toBe('gpt-2');
    expect(read(changed({}, { normalizer: { type: 'NFC' } })).pre).toBe('olmo');
  });

  it('special tokens by text, as a string or an object, before those by id', () => {
    const settings = {
      bos_token: '<|end|>',
      eos_token: { content: 'ab' },
      unk_token: 'not there',
      pad_token: null,
    };
    const config = { bos_token_id: 0, eos_token_id: 0, unk_token_id: 1, pad_token_id: [2, 3] };
    const { special } = read(TINY_TOKENIZER, settings, config);
    expect([...special]).toEqual([
      ['bos', 5],
      ['eos', 3],
      ['unknown', 1],
      ['padding', 2],
    ]);
    expect(read(TINY_TOKENIZER).special.size).toBe(0);
  });

  it('add_bos_token only where it is said', () => {
    const keysOf = (settings: JsonRecord): string[] =>
      tokenizerMetadata(read(TINY_TOKENIZER, settings)).map(([key]) => key);
    expect(keysOf({ add_bos_token: false })).toContain('tokenizer.ggml.add_bos_token');
    expect(keysOf({})).not.toContain('tokenizer.ggml.add_bos_token');
  });
});

describe('tokenizer.json: what is refused', () => {
  it.each([
    ['another model', changed({ type: 'Unigram' }), 'unsupported', /"Unigram".*known: BPE/],
    ['byte fallback over bytes', changed({ byte_fallback: true }), 'unsupported', /"ByteLevel".*Metaspace/],
    ['byte fallback in words', changed({ byte_fallback: 'yes' }), 'bad-type', /byte_fallback/],
    ['another splitter', changed({}, { pre_tokenizer: { type: 'Metaspace' } }), 'unsupported', /"Metaspace"/],
    ['no splitter', changed({}, { pre_tokenizer: null }), 'unsupported', /ByteLevel/],
    [
      'a space in front',
      changed({}, { pre_tokenizer: { type: 'ByteLevel' } }),
      'unsupported',
      /add_prefix_space/,
    ],
    ['another normaliser', changed({}, { normalizer: { type: 'NFKC' } }), 'unsupported', /"NFKC".*NFC/],
    ['no vocabulary', changed({ vocab: null }), 'bad-type', /"vocab" must be an object/],
    ['vocabulary an array', changed({ vocab: ['a'] }), 'bad-type', /an array/],
    ['id negative', changed({ vocab: { a: -1 } }), 'bad-value', /the id -1/],
    ['id fractional', changed({ vocab: { a: 0.5 } }), 'bad-value', /the id 0\.5/],
    ['id not a number', changed({ vocab: { a: '0' } }), 'bad-value', /whole number/],
    ['id beyond vocab_size', changed({ vocab: { a: 8 } }), 'bad-value', /the id 8.*"vocab_size" is 8/],
    ['two tokens with one id', changed({ vocab: { a: 0, b: 0 } }), 'duplicate', /"a" and "b".*same id, 0/],
    ['empty token', changed({ vocab: { '': 0 } }), 'bad-length', /id 0 is empty/],
    ['token over 1 MiB', changed({ vocab: { ['x'.repeat((1 << 20) + 1)]: 0 } }), 'bad-length', /1048577/],
    ['no merges', changed({ merges: null }), 'bad-type', /"merges" must be an array/],
    ['merge of one token', changed({ merges: ['ab'] }), 'bad-type', /merge 0 is not two tokens/],
    ['merge of three tokens', changed({ merges: [['a', 'b', 'a']] }), 'bad-type', /merge 0/],
    ['merge of numbers', changed({ merges: [[1, 2]] }), 'bad-type', /merge 0/],
    ['merge of an unknown token', changed({ merges: ['a b', 'a z'] }), 'bad-value', /merge 1.*"z"/],
    ['merge into an unknown token', changed({ merges: ['b a'] }), 'bad-value', /"ba"/],
    ['added token without text', added({ id: 5 }), 'bad-type', /added token 0/],
    ['added token beyond vocab_size', added({ id: 99, content: 'x' }), 'bad-value', /the id 99/],
    ['added token in place of another', added({ id: 0, content: 'x' }), 'duplicate', /"x".*contradicts/],
    ['added token under a second id', added({ id: 6, content: 'ab' }), 'duplicate', /"ab".*contradicts/],
  ])('%s', async (_, tokenizer, code, sentence) => {
    const error = await refusal(async () => Promise.resolve(read(tokenizer)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch(/^tokenizer\.json: .*\.$/);
  });

  it.each([
    ['bos beyond the vocabulary', {}, { bos_token_id: 8 }, 'bad-value'],
    ['eos negative', {}, { eos_token_id: -1 }, 'bad-value'],
    ['eos a text', {}, { eos_token_id: 'x' }, 'bad-value'],
    ['add_bos_token a text', { add_bos_token: 'yes' }, {}, 'bad-type'],
  ])('%s', async (_, settings, config, code) => {
    const error = await refusal(async () => Promise.resolve(read(TINY_TOKENIZER, settings, config)));
    expect(error.code).toBe(code);
  });
});
