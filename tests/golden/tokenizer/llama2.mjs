// Writes Llama 2's tokenizer in the form of a tokenizer.json: node llama2.mjs llama-tokenizer.js OUT
// The package has the tokens by id and the merges by priority; the rest is what all files of this kind say.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [source, out] = process.argv.slice(2);
const { vocabById, merges } = (await import(pathToFileURL(resolve(source)).href)).default;
const special = (id) => ({ id, content: vocabById[id], normalized: false, special: true, single_word: false, lstrip: false, rstrip: false });
const template = [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }];
const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [0, 1, 2].map(special),
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: null,
  post_processor: {
    type: 'TemplateProcessing',
    single: template,
    pair: [...template, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  },
  decoder: null,
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: '<unk>',
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: true,
    byte_fallback: true,
    vocab: Object.fromEntries(vocabById.map((token, id) => [token, id])),
    merges: [...merges].sort(([, a], [, b]) => a - b).map(([pair]) => pair),
  },
};
writeFileSync(out, JSON.stringify(tokenizer));
