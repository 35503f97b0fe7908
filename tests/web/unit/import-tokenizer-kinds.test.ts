/** Which tokenizer a tokenizer.json is, and what becomes of SentencePiece; the published files where they are at hand. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Fields } from '@web/import/config.ts';
import { readTokenizer, tokenizerMetadata, type Vocabulary } from '@web/import/tokenizer.ts';
import { jsonBytes, refusal, TINY_TOKENIZER, type JsonRecord, type JsonValue } from './import-helpers.ts';

const fields = (file: string, value: JsonRecord): Fields => Fields.parse(jsonBytes(value), file);

function read(
  tokenizer: JsonRecord,
  settings: JsonRecord = {},
  config: JsonRecord = {},
  size = 12,
): Vocabulary {
  return readTokenizer(
    fields('tokenizer.json', tokenizer),
    fields('tokenizer_config.json', settings),
    fields('config.json', config),
    size,
  );
}

const changed = (base: JsonRecord, model: JsonRecord, top: JsonRecord = {}): JsonRecord => ({
  ...base,
  ...top,
  model: { ...(base.model as JsonRecord), ...model },
});

const BYTES = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
const NFC = { type: 'NFC' };
const LLAMA_3 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const QWEN_2 = LLAMA_3.replace('{1,3}', '');

const sequence = (...pretokenizers: JsonRecord[]): JsonRecord => ({ type: 'Sequence', pretokenizers });
const split = (Regex: string, extra: JsonRecord = {}): JsonRecord => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Isolated',
  invert: false,
  ...extra,
});
const digits = (individual: boolean): JsonRecord =>
  sequence({ type: 'Digits', individual_digits: individual }, { ...BYTES, use_regex: true });

const qwen2 = changed(TINY_TOKENIZER, {}, { normalizer: NFC, pre_tokenizer: sequence(split(QWEN_2), BYTES) });
const llama3 = changed(
  TINY_TOKENIZER,
  { ignore_merges: true },
  { pre_tokenizer: sequence(split(LLAMA_3), BYTES) },
);
const smollm = changed(TINY_TOKENIZER, {}, { pre_tokenizer: digits(true) });

/** SentencePiece as files of Llama 2 have it. */
const PREPEND = { type: 'Prepend', prepend: '▁' };
const REPLACE = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
const BOS_TEMPLATE = {
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
};
const llama2: JsonRecord = {
  added_tokens: [
    { id: 0, content: '<unk>', special: true },
    { id: 1, content: '<s>', special: true },
    { id: 2, content: '</s>', special: true },
  ],
  normalizer: { type: 'Sequence', normalizers: [PREPEND, REPLACE] },
  pre_tokenizer: null,
  post_processor: BOS_TEMPLATE,
  model: {
    type: 'BPE',
    unk_token: '<unk>',
    fuse_unk: true,
    byte_fallback: true,
    vocab: { '<unk>': 0, '<s>': 1, '</s>': 2, '<0x0A>': 3, '▁a': 4, '▁ab': 5, ab: 6, '▁': 7, a: 8, b: 9 },
    merges: ['▁ a', '▁a b', '▁ ab', 'a b'],
  },
};

describe('byte-level tokenizers by their pre-tokenizer', () => {
  it.each([
    ['qwen2', qwen2, {}],
    ['llama-bpe', llama3, {}],
    ['smollm', smollm, {}],
    ['phi-2', TINY_TOKENIZER, { model_type: 'phi' }],
    ['gpt-2', TINY_TOKENIZER, { model_type: 'gpt2' }],
    ['olmo', changed(TINY_TOKENIZER, {}, { normalizer: NFC }), {}],
  ])('%s', (pre, tokenizer, config) => {
    const vocabulary = read(tokenizer, {}, config);
    expect(vocabulary.model).toBe('gpt2');
    expect(vocabulary.pre).toBe(pre);
    expect(vocabulary.scores).toBeNull();
    const keys = tokenizerMetadata(vocabulary).map(([key]) => key);
    expect(keys).toContain('tokenizer.ggml.merges');
    expect(keys).not.toContain('tokenizer.ggml.scores');
    expect(keys).not.toContain('tokenizer.ggml.add_space_prefix');
  });

  const pre = (value: JsonValue): JsonRecord => changed(TINY_TOKENIZER, {}, { pre_tokenizer: value });
  it.each([
    [
      'a pattern that is not known',
      pre(sequence(split('\\d+|\\D+'), BYTES)),
      /the pattern.*\\d\+.*qwen2, llama-bpe/,
    ],
    ['a pattern that removes', pre(sequence(split(QWEN_2, { behavior: 'Removed' }), BYTES)), /"behavior"/],
    ['a pattern upside down', pre(sequence(split(QWEN_2, { invert: true }), BYTES)), /"invert"/],
    [
      'a pattern and GPT-2 behind',
      pre(sequence(split(QWEN_2), { ...BYTES, use_regex: true })),
      /"use_regex"/,
    ],
    ['numbers kept whole', pre(digits(false)), /"individual_digits"/],
    ['three steps', pre(sequence(split(QWEN_2), split(QWEN_2), BYTES)), /"Sequence"/],
    ['no step', pre(sequence()), /"Sequence"/],
    ['no bytes at the end', pre(sequence(split(QWEN_2), split(QWEN_2))), /"Split".*ByteLevel/],
    ['Llama 3 with a normalizer', { ...llama3, normalizer: NFC }, /"NFC"/],
    ['Llama 3 without whole pieces', changed(llama3, { ignore_merges: false }), /"ignore_merges"/],
    ['Qwen2 with whole pieces', changed(qwen2, { ignore_merges: true }), /"ignore_merges"/],
    ['Qwen2 without a normalizer', { ...qwen2, normalizer: null }, /"type".*NFC/],
    ['SmolLM with a normalizer', { ...smollm, normalizer: NFC }, /"NFC"/],
  ])('%s is refused', async (_, tokenizer, sentence) => {
    const error = await refusal(async () => Promise.resolve(read(tokenizer)));
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(sentence);
  });

  it('steps that are no list, and no objects', async () => {
    for (const pretokenizers of [null, 'x', [1]]) {
      const error = await refusal(async () =>
        Promise.resolve(read(pre({ type: 'Sequence', pretokenizers }))),
      );
      expect(error.code).toBe('bad-type');
      expect(error.message).toContain('pre_tokenizer');
    }
  });
});

describe('SentencePiece', () => {
  it('kinds, scores and keys', () => {
    const vocabulary = read(llama2);
    expect([vocabulary.model, vocabulary.pre]).toEqual(['llama', 'default']);
    expect(vocabulary.kinds).toEqual([2, 3, 3, 6, 1, 1, 1, 1, 1, 1, 5, 5]);
    expect(vocabulary.scores?.slice(4, 8)).toEqual([-0, -1, -3, -4]);
    const metadata = new Map(tokenizerMetadata(vocabulary));
    expect(metadata.get('tokenizer.ggml.model')).toEqual({ type: 'string', value: 'llama' });
    expect(metadata.get('tokenizer.ggml.scores')).toMatchObject({ type: 'f32s' });
    expect(metadata.get('tokenizer.ggml.add_space_prefix')).toEqual({ type: 'bool', value: true });
    expect(metadata.get('tokenizer.ggml.add_bos_token')).toEqual({ type: 'bool', value: true });
    expect(metadata.get('tokenizer.ggml.bos_token_id')).toEqual({ type: 'u32', value: 1 });
    expect(metadata.has('tokenizer.ggml.merges')).toBe(false);
  });

  it('runs of spaces share a score where their merges are mixed', () => {
    const vocab = { ...((llama2.model as JsonRecord).vocab as JsonRecord), '▁▁': 10, '▁▁▁': 11 };
    const words = ['▁ a', '▁a b', '▁ ab', 'a b'];
    const mixed = changed(llama2, { vocab, merges: [...words, '▁▁ ▁', '▁ ▁', '▁ ▁▁'] });
    expect(read(mixed).scores?.slice(10)).toEqual([-4, -4]);
    const sorted = changed(llama2, { vocab, merges: [...words, '▁ ▁', '▁▁ ▁', '▁ ▁▁'] });
    expect(read(sorted).scores?.slice(10)).toEqual([-4, -5]);
  });

  const metaspace = (scheme: string): JsonRecord => ({
    ...llama2,
    normalizer: null,
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: scheme, split: false },
  });
  it.each([
    ['prepended', llama2, true],
    ['not prepended', { ...llama2, normalizer: REPLACE }, false],
    ['metaspace, first', metaspace('first'), true],
    ['metaspace, always', metaspace('always'), true],
    ['metaspace, never', metaspace('never'), false],
  ])('space in front: %s', (_, tokenizer, expected) => {
    expect(read(tokenizer).spacePrefix).toBe(expected);
  });

  it.each([
    ['no normalizer', { ...llama2, normalizer: null }, /Prepend and Replace/],
    ['another normalizer', { ...llama2, normalizer: NFC }, /"NFC".*Replace/],
    ['another mark', { ...llama2, normalizer: { ...REPLACE, content: '_' } }, /"_"/],
    ['another pattern', { ...llama2, normalizer: { ...REPLACE, pattern: { Regex: ' ' } } }, /"String"/],
    ['splitting at spaces', { ...metaspace('first'), pre_tokenizer: { type: 'Metaspace' } }, /"split"/],
    ['both', { ...llama2, pre_tokenizer: { type: 'Metaspace' } }, /several steps/],
    ['whole pieces', changed(llama2, { ignore_merges: true }), /"ignore_merges"/],
    [
      'merges apart',
      changed(llama2, { merges: ['▁a b', '▁ a', '▁ ab', 'a b'] }),
      /"▁ab" do not stand together/,
    ],
    [
      'a merge left out',
      changed(llama2, { merges: ['▁ a', '▁a b', 'a b'] }),
      /"▁ab" can be made in more ways/,
    ],
  ])('%s is refused', async (_, tokenizer, sentence) => {
    const error = await refusal(async () => Promise.resolve(read(tokenizer)));
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(sentence);
  });
});

describe('whether a text starts with bos', () => {
  const addBos = (post: JsonValue, settings: JsonRecord = {}): boolean | null =>
    read({ ...llama2, post_processor: post }, settings).addBos;
  it('as tokenizer_config.json says, else as the template does, else unsaid', () => {
    expect(addBos(BOS_TEMPLATE, { add_bos_token: false })).toBe(false);
    expect(addBos(BOS_TEMPLATE, { bos_token: '<s>' })).toBe(true);
    expect(addBos({ type: 'Sequence', processors: [{ type: 'ByteLevel' }, BOS_TEMPLATE] })).toBe(true);
    expect(addBos({ ...BOS_TEMPLATE, single: [{ Sequence: { id: 'A' } }] })).toBe(false);
    expect(addBos(BOS_TEMPLATE, { bos_token: '</s>' })).toBeNull();
    expect(addBos({ type: 'ByteLevel' })).toBeNull();
    expect(addBos(null)).toBeNull();
  });
});

describe('published files', () => {
  const shared = process.env.LOGITSCOPE_SHARED ?? '../shared';
  const fetched = process.env.LOGITSCOPE_TOKENIZERS ?? 'build/tokenizers';
  const root = new URL('../../../', import.meta.url);
  it.each([
    ['gpt2', `${shared}/data/tokenizers/gpt2`, 50_257, 'gpt-2', null],
    ['opt-125m', `${shared}/data/tokenizers/opt-125m`, 50_272, 'gpt-2', true],
    ['pythia', `${shared}/data/tokenizers/pythia`, 50_304, 'olmo', null],
    ['smollm2', `${shared}/data/tokenizers/smollm2`, 49_152, 'smollm', null],
    ['llama2', `${fetched}/llama2`, 32_000, 'default', true],
    ['mistral', `${fetched}/mistral`, 32_000, 'default', true],
    ['llama3', `${fetched}/llama3`, 128_256, 'llama-bpe', null],
  ])('%s', (_, folder, size, pre, addBos) => {
    const file = new URL(`${folder}/tokenizer.json`, root);
    if (!existsSync(file)) {
      console.log(`SKIPPED: ${folder}/tokenizer.json`);
      return;
    }
    const none = fields('none', {});
    const tokenizer = Fields.parse(readFileSync(file), 'tokenizer.json');
    const vocabulary = readTokenizer(tokenizer, none, none, size);
    expect([vocabulary.pre, vocabulary.addBos]).toEqual([pre, addBos]);
    expect(vocabulary.tokens).toHaveLength(size);
    if (vocabulary.scores === null) return;
    expect(vocabulary.kinds.filter((kind) => kind === 6)).toHaveLength(256);
    expect(vocabulary.kinds.slice(0, 3)).toEqual([2, 3, 3]);
    // Words come in the order of their ids; runs of spaces after them, letters last.
    const scoreOf = (token: string): number => vocabulary.scores?.[vocabulary.tokens.indexOf(token)] ?? NaN;
    expect(scoreOf('▁t')).toBeGreaterThan(scoreOf('in'));
    expect(scoreOf('ization')).toBeGreaterThan(scoreOf('▁▁'));
    expect(scoreOf('▁▁')).toBeGreaterThan(scoreOf('e'));
  });
});
