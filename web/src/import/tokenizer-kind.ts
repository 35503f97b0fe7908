/**
 * Which of the known tokenizers a tokenizer.json describes. Everything in it that changes how text becomes tokens must be
 * what the core does for that kind; anything else is refused by name, for it would cut text differently.
 */
import type { Fields } from './config.ts';
import { ImportError } from './errors.ts';
import { describeJson, JsonObject, type Json } from './json.ts';

export interface TokenizerKind {
  /** tokenizer.ggml.model: byte-level BPE, or SentencePiece BPE. */
  readonly model: 'gpt2' | 'llama';
  /** tokenizer.ggml.pre, in llama.cpp's names: how text is cut before merging. */
  readonly pre: string;
  /** tokenizer.ggml.add_space_prefix; null where the kind knows none. */
  readonly spacePrefix: boolean | null;
}

/** Stands for a space in SentencePiece. */
const SPACE_MARK = '▁';

/** Patterns by their name. The two differ in how many digits stay together. */
const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const WORDS = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const REST = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const PATTERNS: ReadonlyMap<string, string> = new Map([
  [String.raw`${CONTRACTIONS}|${WORDS}|\p{N}|${REST}`, 'qwen2'],
  [String.raw`${CONTRACTIONS}|${WORDS}|\p{N}{1,3}|${REST}`, 'llama-bpe'],
]);

/** Purpose: name the kind. `config` is config.json. */
export function tokenizerKind(tokenizer: Fields, model: Fields, config: Fields): TokenizerKind {
  model.requireOneOf('type', ['BPE'], 'BPE');
  model.requireOneOf('continuing_subword_prefix', [''], '');
  model.requireOneOf('end_of_word_suffix', [''], '');
  if (model.flag('byte_fallback', false)) return sentencePiece(tokenizer, model);
  return byteLevel(tokenizer, model, config);
}

/** The members of a Sequence, or the one there is. */
function parts(tokenizer: Fields, section: string, list: string): Fields[] {
  const whole = tokenizer.section(section);
  if (whole.get('type') !== 'Sequence') return whole.get('type') === null ? [] : [whole];
  const members = whole.get(list);
  if (!Array.isArray(members)) return refuse(tokenizer, section, members, `a list "${list}"`);
  return members.map((member) => {
    if (!(member instanceof JsonObject)) return refuse(tokenizer, section, member, 'a list of objects');
    return whole.of(member);
  });
}

function refuse(tokenizer: Fields, where: string, value: Json, expected: string): never {
  const found = describeJson(value);
  const sentence = `"${where}" is ${found}; it must have ${expected}.`;
  throw new ImportError('bad-type', { file: tokenizer.file, where, value: found }, sentence);
}

function unknown(tokenizer: Fields, where: string, value: string, known: string): never {
  const sentence = `${where} ${value} is not a way of cutting text that is known here; known: ${known}.`;
  throw new ImportError('unsupported', { file: tokenizer.file, where: 'pre_tokenizer', value }, sentence);
}

// ---- byte-level BPE ------------------------------------------------------------------------------------------

function byteLevel(tokenizer: Fields, model: Fields, config: Fields): TokenizerKind {
  const pre = splitter(tokenizer, config);
  // Llama 3 takes a piece that is a token as it is; none of the others does.
  model.requireOneOf('ignore_merges', [pre === 'llama-bpe'], false);
  requireNormalizer(tokenizer, pre === 'qwen2' || pre === 'olmo');
  return { model: 'gpt2', pre, spacePrefix: null };
}

function splitter(tokenizer: Fields, config: Fields): string {
  const steps = parts(tokenizer, 'pre_tokenizer', 'pretokenizers');
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined || steps.length > 2) {
    tokenizer.section('pre_tokenizer').requireOneOf('type', ['ByteLevel'], 'none');
    return unknown(tokenizer, 'a sequence of', `${steps.length} pre-tokenizers`, 'up to 2');
  }
  last.requireOneOf('type', ['ByteLevel'], 'none');
  last.requireOneOf('add_prefix_space', [false], true);
  last.requireOneOf('use_regex', [steps.length === 1 || first.get('type') === 'Digits'], true);
  if (steps.length === 1) {
    if (tokenizer.get('normalizer') !== null) return 'olmo';
    return config.get('model_type') === 'phi' ? 'phi-2' : 'gpt-2';
  }
  first.requireOneOf('type', ['Digits', 'Split'], 'none');
  if (first.get('type') === 'Split') return splitName(tokenizer, first);
  first.requireOneOf('individual_digits', [true], false);
  return 'smollm';
}

function splitName(tokenizer: Fields, split: Fields): string {
  split.requireOneOf('behavior', ['Isolated'], 'none');
  split.requireOneOf('invert', [false], false);
  const pattern = split.section('pattern').text('Regex', '');
  return (
    PATTERNS.get(pattern) ?? unknown(tokenizer, 'the pattern', pattern, [...PATTERNS.values()].join(', '))
  );
}

function requireNormalizer(tokenizer: Fields, composes: boolean): void {
  tokenizer.section('normalizer').requireOneOf('type', [composes ? 'NFC' : 'none'], 'none');
}

// ---- SentencePiece BPE ---------------------------------------------------------------------------------------

/** Spaces become marks in the normalizer (files of Llama 2), or in the pre-tokenizer (files saved anew). */
function sentencePiece(tokenizer: Fields, model: Fields): TokenizerKind {
  model.requireOneOf('ignore_merges', [false], false);
  const marks = parts(tokenizer, 'pre_tokenizer', 'pretokenizers');
  const steps = parts(tokenizer, 'normalizer', 'normalizers');
  const spacePrefix = marks.length > 0 ? metaspace(tokenizer, marks, steps) : replacing(tokenizer, steps);
  return { model: 'llama', pre: 'default', spacePrefix };
}

function metaspace(tokenizer: Fields, marks: readonly Fields[], steps: readonly Fields[]): boolean {
  const [mark] = marks;
  if (mark === undefined || marks.length > 1 || steps.length > 0) {
    return unknown(tokenizer, 'byte_fallback with', 'several steps', 'Metaspace alone');
  }
  mark.requireOneOf('type', ['Metaspace'], 'none');
  mark.requireOneOf('replacement', [SPACE_MARK], SPACE_MARK);
  mark.requireOneOf('split', [false], true);
  mark.requireOneOf('prepend_scheme', ['always', 'first', 'never'], 'always');
  return mark.get('prepend_scheme') !== 'never';
}

function replacing(tokenizer: Fields, steps: readonly Fields[]): boolean {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined || steps.length > 2) {
    return unknown(tokenizer, 'byte_fallback with', 'no known normalizer', 'Prepend and Replace');
  }
  last.requireOneOf('type', ['Replace'], 'none');
  last.section('pattern').requireOneOf('String', [' '], 'none');
  last.requireOneOf('content', [SPACE_MARK], 'none');
  if (steps.length === 1) return false;
  first.requireOneOf('type', ['Prepend'], 'none');
  first.requireOneOf('prepend', [SPACE_MARK], 'none');
  return true;
}
