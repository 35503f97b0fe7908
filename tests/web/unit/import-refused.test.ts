/** Folders as a whole: which files are there, and whether the weights are those of the config. */
import { describe, expect, it } from 'vitest';
import { memorySource, type ByteSource } from '@web/import/bytes.ts';
import {
  convert,
  numbered,
  packTensors,
  refusal,
  reshaped,
  tinyFiles,
  TINY_SHAPES,
} from './import-helpers.ts';

const without = (files: readonly ByteSource[], name: string): ByteSource[] =>
  files.filter((f) => f.name !== name);
describe('what is refused', () => {
  it.each([
    ['no config', without(tinyFiles(), 'config.json'), 'missing', /^tiny: there is no config\.json/],
    ['no tokenizer', without(tinyFiles(), 'tokenizer.json'), 'missing', /tokenizer\.json/],
    ['no weights', without(tinyFiles(), 'model.safetensors'), 'missing', /model\.safetensors/],
    ['empty config', swapped('config.json', ''), 'empty', /^config\.json: the file is empty/],
    ['config too large', swapped('config.json', ' '.repeat((1 << 20) + 1)), 'bad-length', /limit of 1048576/],
    ['another pickle', instead('training_args.bin'), 'missing', /training_args\.bin is not read/],
    ['shards without index', instead('model-00001-of-00002.safetensors'), 'missing', /index.*is missing/],
    [
      'several weights',
      [...instead('a.safetensors'), memorySource('b.safetensors', new Uint8Array(1))],
      'bad-argument',
      /a\.safetensors, b\.safetensors/,
    ],
    ['nothing', [], 'missing', /no files/],
    [
      'tensors missing',
      tinyFiles(reshaped({ 'ln_f.bias': null, 'wpe.weight': null })),
      'missing',
      /2 tensors.*wpe\.weight, ln_f\.bias/,
    ],
    [
      'shape',
      tinyFiles(reshaped({ 'wpe.weight': [4, 32] })),
      'bad-shape',
      /"wpe\.weight" has shape \[4, 32\].*\[3, 32\]/,
    ],
    ['not turned', tinyFiles(reshaped({ 'h.0.mlp.c_fc.weight': [64, 32] })), 'bad-shape', /\[32, 64\]/],
    [
      'unknown tensor',
      tinyFiles(reshaped({ 'h.1.ln_1.weight': [32] })),
      'unsupported',
      /"h\.1\.ln_1\.weight"/,
    ],
    [
      'twice',
      tinyFiles(reshaped({ 'transformer.ln_f.bias': [32] })),
      'duplicate',
      /"ln_f\.bias" is there twice/,
    ],
  ])('%s', async (_, files, code, sentence) => {
    const error = await refusal(() => convert(files));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
  });

  it('weights of another dtype', async () => {
    const good = packTensors(numbered(TINY_SHAPES));
    const text = Buffer.from(good).toString('latin1').replace('"F32"', '"I32"');
    const error = await refusal(() => convert(tinyFiles({ weights: Buffer.from(text, 'latin1') })));
    expect(error).toMatchObject({ code: 'unsupported', where: 'wte.weight', value: 'I32' });
  });

  it('a source that delivers less than it announced', async () => {
    const files = tinyFiles().map((file) =>
      file.name === 'model.safetensors' ? { ...file, read: () => Promise.resolve(new Uint8Array(1)) } : file,
    );
    expect(await refusal(() => convert(files))).toMatchObject({
      code: 'read-failed',
      file: 'model.safetensors',
    });
  });
});

function swapped(name: string, text: string): ByteSource[] {
  return [...without(tinyFiles(), name), memorySource(name, new TextEncoder().encode(text))];
}

function instead(name: string): ByteSource[] {
  return [...without(tinyFiles(), 'model.safetensors'), memorySource(name, new Uint8Array(1))];
}
