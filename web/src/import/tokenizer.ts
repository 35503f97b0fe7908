/**
 * tokenizer.json (and tokenizer_config.json, where there is one) to the metadata keys of a byte-level or SentencePiece
 * BPE. Tokens stay in the alphabet of the file; added tokens are plain text, as llama.cpp writes them.
 */
import type { Fields } from './config.ts';
import { ImportError, quote, type ImportErrorCode } from './errors.ts';
import { bool, f32s, i32s, text, texts, u32, type MetadataEntry } from './gguf-writer.ts';
import { describeJson, JsonObject, type Json } from './json.ts';
import { tokenizerKind, type TokenizerKind } from './tokenizer-kind.ts';
import { scoresFromMerges } from './tokenizer-scores.ts';

/** Token kinds as GGUF numbers them. */
export const TOKEN_KIND = { normal: 1, unknown: 2, control: 3, user: 4, unused: 5, byte: 6 } as const;

/** How SentencePiece names bytes. */
const BYTE_NAME = /^<0x[0-9A-Fa-f]{2}>$/;

/** Characters in a token. */
const TOKEN_LIMIT = 1 << 20;

export interface Vocabulary extends TokenizerKind {
  readonly tokens: readonly string[];
  readonly kinds: readonly number[];
  /** "left right", by rank. */
  readonly merges: readonly string[];
  /** What SentencePiece has instead of merges. */
  readonly scores: readonly number[] | null;
  /** Ids by role: bos, eos, unknown, padding. */
  readonly special: ReadonlyMap<string, number>;
  /** Whether every text starts with bos; null where nothing is said. */
  readonly addBos: boolean | null;
}

/** The metadata entries of a vocabulary. */
export function tokenizerMetadata(vocabulary: Vocabulary): MetadataEntry[] {
  return [
    text('tokenizer.ggml.model', vocabulary.model),
    text('tokenizer.ggml.pre', vocabulary.pre),
    texts('tokenizer.ggml.tokens', vocabulary.tokens),
    i32s('tokenizer.ggml.token_type', vocabulary.kinds),
    vocabulary.scores === null
      ? texts('tokenizer.ggml.merges', vocabulary.merges)
      : f32s('tokenizer.ggml.scores', vocabulary.scores),
    ...[...vocabulary.special].map(([role, id]) => u32(`tokenizer.ggml.${role}_token_id`, id)),
    ...optional('tokenizer.ggml.add_bos_token', vocabulary.addBos),
    ...optional('tokenizer.ggml.add_space_prefix', vocabulary.spacePrefix),
  ];
}

const optional = (key: string, value: boolean | null): MetadataEntry[] =>
  value === null ? [] : [bool(key, value)];

/** Purpose: read a tokenizer for a model of `size` ids. `settings` is tokenizer_config.json, `config` config.json. */
export function readTokenizer(tokenizer: Fields, settings: Fields, config: Fields, size: number): Vocabulary {
  const model = tokenizer.section('model');
  const kind = tokenizerKind(tokenizer, model, config);
  const ids = readIds(tokenizer.file, model.get('vocab'), size);
  const merges = readMerges(tokenizer.file, model.get('merges'), ids);
  const tokens = new Array<string>(size);
  const kinds = new Array<number>(size).fill(TOKEN_KIND.unused);
  for (const [token, id] of ids) {
    tokens[id] = token;
    kinds[id] = kind.model === 'llama' && BYTE_NAME.test(token) ? TOKEN_KIND.byte : TOKEN_KIND.normal;
  }
  const scores = kind.model === 'llama' ? scoresFromMerges(tokenizer.file, merges, ids, size) : null;
  for (const added of readAdded(tokenizer.file, tokenizer.get('added_tokens'), size)) {
    placeAdded(tokenizer.file, added, tokens, ids);
    kinds[added.id] = added.special ? TOKEN_KIND.control : TOKEN_KIND.user;
  }
  const unknown = ids.get(model.text('unk_token', ''));
  if (kind.model === 'llama' && unknown !== undefined) kinds[unknown] = TOKEN_KIND.unknown;
  for (let id = 0; id < size; id++) tokens[id] ??= `[PAD${id}]`;
  const special = readSpecial(settings, config, ids, size);
  const addBos =
    settings.get('add_bos_token') === null
      ? startsWithBos(tokenizer, special)
      : settings.flag('add_bos_token', false);
  return { ...kind, tokens, kinds, merges, scores, special, addBos };
}

function refuse(file: string, code: ImportErrorCode, where: string, sentence: string, value?: string): never {
  throw new ImportError(code, { file, where, ...(value !== undefined && { value }) }, sentence);
}

/** What the template for a text says, where there is one: whether it starts with bos, which it may name alone. */
function startsWithBos(tokenizer: Fields, special: Map<string, number>): boolean | null {
  const processor = tokenizer.section('post_processor');
  const members = processor.get('processors');
  const steps = Array.isArray(members) ? members.filter((step) => step instanceof JsonObject) : [];
  const template = [processor, ...steps.map((step) => processor.of(step))].find(
    (step) => step.get('type') === 'TemplateProcessing',
  );
  const single = template?.get('single');
  if (template === undefined || !Array.isArray(single)) return null;
  const first =
    single[0] instanceof JsonObject ? template.of(single[0]).section('SpecialToken').get('id') : null;
  if (typeof first !== 'string') return false;
  const known = template.section('special_tokens').section(first).get('ids');
  const id = Array.isArray(known) && known.length === 1 ? known[0] : null;
  if (typeof id !== 'number' || (special.get('bos') ?? id) !== id) return null;
  special.set('bos', id);
  return true;
}

function readIds(file: string, vocab: Json, size: number): Map<string, number> {
  if (!(vocab instanceof JsonObject)) {
    return refuse(file, 'bad-type', 'vocab', `"vocab" must be an object, not ${describeJson(vocab)}.`);
  }
  const ids = new Map<string, number>();
  const owners = new Map<number, string>();
  for (const [token, json] of vocab) {
    const id = checkId(file, token, json, size);
    checkToken(file, token, id);
    const owner = owners.get(id);
    if (owner !== undefined) {
      refuse(
        file,
        'duplicate',
        'vocab',
        `${quote(owner)} and ${quote(token)} have the same id, ${id}.`,
        String(id),
      );
    }
    ids.set(token, id);
    owners.set(id, token);
  }
  return ids;
}

function checkId(file: string, token: string, json: Json | undefined, size: number): number {
  if (typeof json !== 'number' || !Number.isInteger(json) || json < 0) {
    const found = describeJson(json);
    return refuse(
      file,
      'bad-value',
      'vocab',
      `token ${quote(token)} has the id ${found}; it must be a whole number.`,
      found,
    );
  }
  if (json >= size) {
    const sentence = `token ${quote(token)} has the id ${json}, but config.json's "vocab_size" is ${size}.`;
    throw new ImportError(
      'bad-value',
      { file, where: 'vocab', value: String(json), limit: String(size) },
      sentence,
    );
  }
  return json;
}

function checkToken(file: string, token: string, id: number): void {
  if (token.length === 0) refuse(file, 'bad-length', 'vocab', `the token with the id ${id} is empty.`, '0');
  if (token.length > TOKEN_LIMIT) {
    const sentence = `the token with the id ${id} has ${token.length} characters; the limit is ${TOKEN_LIMIT}.`;
    throw new ImportError(
      'bad-length',
      { file, where: 'vocab', value: String(token.length), limit: String(TOKEN_LIMIT) },
      sentence,
    );
  }
}

function readMerges(file: string, json: Json, ids: ReadonlyMap<string, number>): string[] {
  if (!Array.isArray(json)) {
    return refuse(file, 'bad-type', 'merges', `"merges" must be an array, not ${describeJson(json)}.`);
  }
  return json.map((merge, rank) => {
    const parts = typeof merge === 'string' ? merge.split(' ') : merge;
    const [left, right] = Array.isArray(parts) ? parts : [];
    if (
      !Array.isArray(parts) ||
      parts.length !== 2 ||
      typeof left !== 'string' ||
      typeof right !== 'string'
    ) {
      return refuse(file, 'bad-type', `merges[${rank}]`, `merge ${rank} is not two tokens.`);
    }
    for (const token of [left, right, left + right]) {
      if (!ids.has(token)) {
        const sentence = `merge ${rank}, ${quote(left)} with ${quote(right)}, needs the token ${quote(token)}, which is not in the vocabulary.`;
        refuse(file, 'bad-value', `merges[${rank}]`, sentence, token);
      }
      if (token.includes(' ')) {
        refuse(
          file,
          'unsupported',
          `merges[${rank}]`,
          `merge ${rank} has a token with a space, ${quote(token)}; byte-level tokens have none.`,
          token,
        );
      }
    }
    return `${left} ${right}`;
  });
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

function readAdded(file: string, json: Json, size: number): AddedToken[] {
  if (json === null) return [];
  if (!Array.isArray(json)) {
    return refuse(
      file,
      'bad-type',
      'added_tokens',
      `"added_tokens" must be an array, not ${describeJson(json)}.`,
    );
  }
  return json.map((entry, index) => {
    const content = entry instanceof JsonObject ? entry.get('content') : undefined;
    if (!(entry instanceof JsonObject) || typeof content !== 'string') {
      return refuse(file, 'bad-type', `added_tokens[${index}]`, `added token ${index} has no "content".`);
    }
    const id = checkId(file, content, entry.get('id'), size);
    checkToken(file, content, id);
    return { id, content, special: entry.get('special') === true };
  });
}

function placeAdded(
  file: string,
  { id, content }: AddedToken,
  tokens: string[],
  ids: Map<string, number>,
): void {
  const present = tokens[id];
  const other = ids.get(content);
  if ((present !== undefined && present !== content) || (other !== undefined && other !== id)) {
    const sentence = `the added token ${quote(content)} with the id ${id} contradicts the vocabulary.`;
    refuse(file, 'duplicate', 'added_tokens', sentence, String(id));
  }
  tokens[id] = content;
  ids.set(content, id);
}

const ROLES = [
  ['bos', 'bos'],
  ['eos', 'eos'],
  ['unk', 'unknown'],
  ['pad', 'padding'],
] as const;

/** tokenizer_config.json names special tokens by their text; config.json by their id. The first one wins. */
function readSpecial(
  settings: Fields,
  config: Fields,
  ids: ReadonlyMap<string, number>,
  size: number,
): Map<string, number> {
  const special = new Map<string, number>();
  for (const [field, role] of ROLES) {
    const named = settings.get(`${field}_token`);
    const content = named instanceof JsonObject ? named.get('content') : named;
    const byText = typeof content === 'string' ? ids.get(content) : undefined;
    const id = byText ?? configuredId(config, `${field}_token_id`, size);
    if (id !== null) special.set(role, id);
  }
  return special;
}

function configuredId(config: Fields, name: string, size: number): number | null {
  const value = config.get(name);
  const first = Array.isArray(value) ? (value[0] ?? null) : value;
  if (first === null) return null;
  if (typeof first !== 'number' || !Number.isInteger(first) || first < 0 || first >= size) {
    const found = describeJson(first);
    const sentence = `"${name}" is ${found}; it must be an id below "vocab_size", ${size}.`;
    throw new ImportError(
      'bad-value',
      { file: config.file, where: name, value: found, limit: String(size) },
      sentence,
    );
  }
  return first;
}
