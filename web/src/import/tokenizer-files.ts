/**
 * The files a tokenizer is in: tokenizer.json, or for older models of GPT-2's kind vocab.json and merges.txt, from which
 * the same description is made.
 */
import { readWhole, type ByteSource } from './bytes.ts';
import { Fields } from './config.ts';
import { ImportError, quote } from './errors.ts';
import type { ImportRequest } from './import-plan.ts';
import { JsonObject, parseJson, type Json } from './json.ts';
import { readTokenizer, type Vocabulary } from './tokenizer.ts';

const LIMIT = 64 << 20;

/** Purpose: read the tokenizer of a folder. `config` is config.json, `size` its number of tokens. */
export async function loadVocabulary(
  { files, from }: ImportRequest,
  config: Fields,
  size: number,
): Promise<Vocabulary> {
  const find = (name: string): ByteSource | undefined => files.find((file) => file.name === name);
  const fields = async (name: string): Promise<Fields> => {
    const file = find(name);
    if (!file) return new Fields(name, new JsonObject(0));
    return Fields.parse(await readWhole(file, LIMIT), name);
  };
  const settings = await fields('tokenizer_config.json');
  if (find('tokenizer.json')) return readTokenizer(await fields('tokenizer.json'), settings, config, size);
  const [vocab, merges] = [find('vocab.json'), find('merges.txt')];
  if (!vocab || !merges) {
    const sentence = 'there is no tokenizer.json in this folder, nor vocab.json with merges.txt.';
    throw new ImportError('missing', { file: from, where: 'tokenizer.json' }, sentence);
  }
  const names = await fields('special_tokens_map.json');
  const roles = withDefaults(settings, names);
  const tokenizer = await describeLists(
    { vocab, merges, roles, added: await fields('added_tokens.json') },
    config,
  );
  return readTokenizer(tokenizer, roles, config, size);
}

/** What transformers takes where none of the files says it. */
const GPT2_END = '<|endoftext|>';
const ROLES = ['bos_token', 'eos_token', 'unk_token', 'pad_token'];

/** tokenizer_config.json with the special tokens that only special_tokens_map.json or the tokenizer's class names. */
function withDefaults(settings: Fields, names: Fields): Fields {
  const all = settings.copy();
  for (const role of ROLES) {
    const named = settings.get(role) ?? names.get(role) ?? (role === 'pad_token' ? null : GPT2_END);
    all.set(role, named);
  }
  return new Fields(settings.file, all);
}

interface Lists {
  readonly vocab: ByteSource;
  readonly merges: ByteSource;
  readonly roles: Fields;
  /** Tokens by their ids. */
  readonly added: Fields;
}

/** The families whose tokenizer cuts text as GPT-2's does and is described by nothing but the two lists. */
const KINDS = ['gpt2', 'opt', 'phi'];
const CLASSES = ['GPT2Tokenizer', 'GPT2TokenizerFast', 'CodeGenTokenizer', 'CodeGenTokenizerFast'];

/** The tokenizer.json that stands for the two lists. */
async function describeLists({ vocab, merges, roles, added }: Lists, config: Fields): Promise<Fields> {
  config.requireOneOf('model_type', KINDS, 'none');
  roles.requireOneOf('tokenizer_class', CLASSES, 'GPT2Tokenizer');
  roles.requireOneOf('add_prefix_space', [false], false);
  const ids = parseJson(await readWhole(vocab, LIMIT), vocab.name);
  const model = object({ type: 'BPE', vocab: ids, merges: await readMergeList(merges) });
  return new Fields(
    `${vocab.name} with ${merges.name}`,
    object({
      pre_tokenizer: object({ type: 'ByteLevel', add_prefix_space: false, use_regex: true }),
      added_tokens: addedTokens(ids, roles, added),
      model,
    }),
  );
}

function object(fields: Readonly<Record<string, Json>>): JsonObject {
  const made = new JsonObject(0);
  for (const [name, value] of Object.entries(fields)) made.set(name, value);
  return made;
}

/** A line for each merge, "left right", after one that names the version. */
async function readMergeList(merges: ByteSource): Promise<Json[]> {
  const bytes = await readWhole(merges, LIMIT);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ImportError('bad-encoding', { file: merges.name }, 'the list of merges is not valid UTF-8.');
  }
  const lines = text.split(/\r?\n/);
  if (lines[0]?.startsWith('#version')) lines.shift();
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Special tokens are found by their text; those that the vocabulary lacks have their ids in files of their own. */
function addedTokens(vocab: Json, roles: Fields, added: Fields): Json[] {
  const byId = new Map<Json, JsonObject>();
  const idOf = (content: string): Json =>
    (vocab instanceof JsonObject ? vocab.get(content) : undefined) ?? added.get(content);
  for (const [content, id] of added.entries()) byId.set(id, object({ id, content, special: false }));
  for (const [id, entry] of roles.section('added_tokens_decoder').entries()) {
    if (!(entry instanceof JsonObject)) continue;
    const facts = { content: entry.get('content') ?? null, special: entry.get('special') ?? false };
    byId.set(Number(id), object({ id: Number(id), ...facts }));
  }
  for (const role of ROLES) {
    const named = roles.get(role);
    const content = named instanceof JsonObject ? (named.get('content') ?? null) : named;
    if (typeof content !== 'string') continue;
    const id = idOf(content);
    const known = id !== null || [...byId.values()].some((entry) => entry.get('content') === content);
    if (!known) refuseRole(roles.file, role, content);
    if (id !== null) byId.set(id, object({ id, content, special: true }));
  }
  return [...byId.values()];
}

function refuseRole(file: string, where: string, content: string): never {
  const sentence = `"${where}" is ${quote(content)}, which is not in the vocabulary.`;
  throw new ImportError('bad-value', { file, where, value: content }, sentence);
}
