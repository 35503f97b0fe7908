/** pytorch_model.bin: files that torch.save wrote (tests/golden/torch_files.py), and files that it would not write. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { memorySource, readExactly, type ByteSource } from '@web/import/bytes.ts';
import { readTorch } from '@web/import/torch.ts';
import { widen } from '@web/import/widen.ts';
import {
  chunked,
  convert,
  jsonBytes,
  numbered,
  packTensors,
  refusal,
  tinyFiles,
  TINY_SHAPES,
  utf8,
} from './import-helpers.ts';
import {
  dictOf,
  global,
  int,
  pickle,
  tensor,
  text,
  tiedFile,
  torchFile,
  tuple,
  zipFile,
  type Op,
  type TensorFacts,
} from './import-torch-helpers.ts';
import { fixture, fixtureFolder } from './support/fixtures.ts';

const saved = (name: string): Uint8Array => new Uint8Array(readFileSync(fixture(`torch/${name}.bin`)));
const source = (bytes: Uint8Array): ByteSource => memorySource('pytorch_model.bin', bytes);
const withoutWeights = (): ByteSource[] => tinyFiles().filter(({ name }) => name !== 'model.safetensors');

describe('files that torch.save wrote', () => {
  it.each(['f32', 'f16', 'q8_0'] as const)('give the same GGUF as safetensors, as %s', async (type) => {
    const theirs = await convert(tinyFiles(), { type });
    const ours = await convert([...withoutWeights(), source(saved('tiny'))], { type });
    expect(Buffer.compare(ours.bytes, theirs.bytes)).toBe(0);
  });

  it('an OPT in float16 whose output matrix shares the embedding', async () => {
    const folder = fixtureFolder('opt');
    const theirs = await convert(folder, { type: 'q8_0' });
    const others = folder.filter(({ name }) => !name.endsWith('.safetensors'));
    const ours = await convert([...others, chunked(source(saved('opt')), 1, 6007)], { type: 'q8_0' });
    expect(Buffer.compare(ours.bytes, theirs.bytes)).toBe(0);
  });

  it('two tensors on one storage, both of which are wanted', async () => {
    const shapes = { ...TINY_SHAPES, 'lm_head.weight': [8, 32] };
    const tensors = numbered(shapes);
    tensors.set('lm_head.weight', tensors.get('wte.weight') ?? { shape: [], values: new Float32Array() });
    const config = { tie_word_embeddings: false };
    const theirs = await convert(tinyFiles({ config, weights: packTensors(tensors) }));
    const ours = await convert([
      ...tinyFiles({ config }).filter(({ name }) => !name.endsWith('safetensors')),
      source(tiedFile()),
    ]);
    expect(ours.gguf).toEqual(theirs.gguf);
  });

  it('shards with an index', async () => {
    const map = Object.fromEntries(
      Object.keys(TINY_SHAPES).map((name, i) => [name, `pytorch_model-0000${(i % 2) + 1}-of-00002.bin`]),
    );
    const shards = [1, 2].map((i) => memorySource(`pytorch_model-0000${i}-of-00002.bin`, saved(`tiny-${i}`)));
    const index = memorySource('pytorch_model.bin.index.json', jsonBytes({ weight_map: map }));
    const ours = await convert([...withoutWeights(), ...shards, index]);
    expect(ours.gguf).toEqual((await convert(tinyFiles())).gguf);
  });

  it('every kind of tensor', async () => {
    const { tensors } = await readTorch(source(saved('kinds')));
    const values: Record<string, unknown> = {};
    for (const { name, dtype, shape, offset, bytes, source: file } of tensors.values()) {
      const raw = await readExactly(file, offset, bytes);
      const isWeight = ['F32', 'F16', 'BF16'].includes(dtype);
      values[name] = [dtype, shape.join('x'), ...(isWeight ? widen(dtype, raw) : raw)];
    }
    expect(values).toEqual({
      weight: ['F32', '2x3', 0, 1, 2, 3, 4, 5],
      bias: ['F32', '2', 0.5, -0.5],
      half: ['F16', '1x2', 1, -2],
      bfloat: ['BF16', '2x1', 3, 4],
      tied: ['F32', '2x3', 0, 1, 2, 3, 4, 5],
      first: ['F32', '2x2', 0, 1, 2, 3],
      rest: ['F32', '6', 4, 5, 6, 7, 8, 9],
      parameter: ['F32', '2', 1, 1],
      scalar: ['I64', '', 7, 0, 0, 0, 0, 0, 0, 0],
      mask: ['BOOL', '1x1x2x2', 1, 1, 1, 1],
      empty: ['F32', '0x4'],
    });
  });
});

const good = torchFile(dictOf(tensor()));
const program = (...ops: Op[]): Uint8Array => torchFile(pickle(...ops));
const broken = (facts: TensorFacts): Uint8Array => torchFile(dictOf(tensor(facts)));
const other = { name: 'archive/data/1', bytes: new Uint8Array(8) };
const order = (value: string) => ({ name: 'archive/byteorder', bytes: utf8(value) });

describe('what is refused', () => {
  it('but not the good file that the cases below are made from', async () => {
    const { tensors } = await readTorch(source(good));
    expect(tensors.get('a')).toMatchObject({ dtype: 'F32', shape: [4], bytes: 16 });
  });

  it.each([
    ['an empty file', new Uint8Array(), 'empty', /the file is empty/],
    ['a Git LFS pointer', utf8('version https://git-lfs.github.com/spec/v1\n'), 'not-a-model', /Git LFS/],
    ['a web page', utf8('<!DOCTYPE html>'), 'not-a-model', /web page/],
    ['something else', utf8('hello'), 'not-a-model', /not a PyTorch file/],
    ['the format before 1.6', saved('older'), 'unsupported', /before version 1\.6.*save_pretrained/],
    ['a whole module', saved('module'), 'unsupported', /"torch\.nn\.modules\.linear\.Linear" is named/],
    ['a dictionary in a dictionary', saved('nested'), 'bad-type', /"model" is not a tensor/],
    ['turned strides', saved('turned'), 'bad-value', /shape \[3, 2\] has the strides \[1, 3\]/],
    ['strides of zero', saved('expanded'), 'bad-value', /the strides \[0, 1\]/],
    [
      'a call of os.system',
      program(global('os', 'system'), text('rm'), '\x85R'),
      'unsupported',
      /"os\.system" is named/,
    ],
    [
      'a call of builtins.eval',
      program(global('builtins', 'eval'), text('1'), '\x85R'),
      'unsupported',
      /"builtins\.eval"/,
    ],
    ['a call of something that is no function', program(text('x'), ')R'), 'bad-type', /no known function/],
    [
      'a call of a storage type',
      dictFile(global('torch', 'FloatStorage'), ')R'),
      'bad-value',
      /something else than a tensor/,
    ],
    ['an unknown storage type', broken({ storage: 'QInt8Storage' }), 'unsupported', /"torch\.QInt8Storage"/],
    ['an unknown opcode', program('\xff'), 'unsupported', /byte 66, the pickle opcode 0xff/],
    ['the opcode INST', program('(ios\nsystem\n'), 'unsupported', /opcode 0x69/],
    ['protocol 4', torchFile(Uint8Array.of(0x80, 4, 0x7d, 0x2e)), 'unsupported', /protocol 2/],
    ['a truncated pickle', torchFile(pickle(text('abc')).subarray(0, 9)), 'truncated', /ends in the middle/],
    ['a pickle without an end', torchFile(Uint8Array.of(0x80, 2, 0x7d)), 'truncated', /ends in the middle/],
    [
      'something behind the end',
      torchFile(Uint8Array.of(0x80, 2, 0x7d, 0x2e, 0x2e)),
      'bad-value',
      /left over/,
    ],
    ['an empty stack', program('R'), 'bad-value', /stack is empty/],
    ['no mark', program('}u'), 'bad-value', /no mark/],
    ['a deep stack', program('('.repeat(70_000)), 'bad-count', /deeper than 65536/],
    ['nothing in the memo', program('h\x07'), 'bad-value', /nothing under 7/],
    ['a name without an end', program('c' + 'x'.repeat(300)), 'bad-length', /within 256 bytes/],
    ['a key that is no text', program('}', int(1), int(2), 's'), 'bad-type', /a key that is no text/],
    [
      'a key twice',
      program('}', text('a'), 'N', 's', text('a'), 'N', 's'),
      'duplicate',
      /"a" is there twice/,
    ],
    ['attributes of something else', program(int(1), '}b'), 'bad-type', /given attributes/],
    [
      'an OrderedDict with arguments',
      program(global('collections', 'OrderedDict'), tuple(int(1)), 'R'),
      'bad-value',
      /arguments/,
    ],
    ['no dictionary', program(int(1)), 'bad-type', /not a dictionary of tensors/],
    ['a text not in UTF-8', program('X\x01\x00\x00\x00\xff'), 'bad-encoding', /not valid UTF-8/],
    ['a number of 200 bytes', program('\x8a\xc8'), 'bad-value', /200 bytes/],
    ['a persistent id that is no storage', program(text('x'), 'Q'), 'bad-value', /persistent id/],
    ['a missing storage', broken({ key: '7' }), 'missing', /data\/"7", which is not in the archive/],
    ['a storage on a path', broken({ key: '../data.pkl' }), 'missing', /not in the archive/],
    ['a storage of another size', broken({ count: 5 }), 'bad-length', /20 bytes, but its entry has 16/],
    [
      'a tensor beyond its storage',
      broken({ shape: [5] }),
      'bad-shape',
      /values 0 to 5 of a storage that has 4/,
    ],
    ['an offset beyond its storage', broken({ first: 1 }), 'bad-shape', /values 1 to 5/],
    [
      'a shape whose product wraps',
      broken({ shape: [65535, 65535, 65535, 65535], strides: [1, 1, 1, 1] }),
      'bad-value',
      /strides/,
    ],
    [
      'strides that are too few',
      broken({ shape: [2, 2] }),
      'bad-value',
      /storage, offset, shape and strides/,
    ],
    [
      'nine dimensions',
      broken({ shape: Array<number>(9).fill(1), strides: Array<number>(9).fill(1) }),
      'bad-value',
      /shape/,
    ],
    ['no pickle', zipFile([other]), 'not-a-model', /not one that torch\.save wrote/],
    [
      'two pickles',
      torchFile(dictOf(tensor()), [{ name: 'b/data.pkl', bytes: new Uint8Array(1) }]),
      'not-a-model',
      /torch\.save/,
    ],
    ['the other byte order', torchFile(dictOf(tensor()), [order('big')]), 'unsupported', /byte order "big"/],
    [
      'compression',
      torchFile(dictOf(tensor()), [{ ...other, method: 8 }]),
      'unsupported',
      /"archive\/data\/1".*is compressed/,
    ],
    ['encryption', torchFile(dictOf(tensor()), [{ ...other, flags: 1 }]), 'unsupported', /is encrypted/],
    ['an entry twice', torchFile(dictOf(tensor()), [other, other]), 'duplicate', /the same name/],
    [
      'overlapping entries',
      torchFile(dictOf(tensor()), [{ ...other, header: 10 }]),
      'overlap',
      /inside of what follows/,
    ],
    [
      'an entry that reaches into the directory',
      torchFile(dictOf(tensor()), [{ ...other, size: 9 }]),
      'overlap',
      /"archive\/data\/1"/,
    ],
    [
      'an entry of 2^32 - 1 bytes',
      torchFile(dictOf(tensor()), [{ ...other, size: 0xffffffff }]),
      'bad-value',
      /lacks its 64-bit sizes/,
    ],
    ['a cut end', good.subarray(0, good.length - 1), 'truncated', /no zip directory at its end/],
    [
      'a directory of 2^60 entries',
      torchFile(dictOf(tensor()), [], { count: 2 ** 60 }),
      'bad-count',
      /entries in/,
    ],
    [
      'a directory of 2^60 bytes',
      torchFile(dictOf(tensor()), [], { size: 2 ** 60 }),
      'bad-count',
      /the limit is/,
    ],
    [
      'a directory behind the end',
      torchFile(dictOf(tensor()), [], { offset: 2 ** 60 }),
      'bad-value',
      /behind its own end/,
    ],
    [
      'a directory somewhere else',
      torchFile(dictOf(tensor()), [], { offset: 3 }),
      'bad-value',
      /an entry of the zip directory is expected/,
    ],
    ['one entry too many', torchFile(dictOf(tensor()), [], { count: 3 }), 'bad-count', /3 entries/],
    [
      'a 64-bit directory behind the end',
      torchFile(dictOf(tensor()), [], { at64: 2 ** 60 }),
      'bad-value',
      /said to be at byte/,
    ],
    [
      'a 64-bit directory that is none',
      torchFile(dictOf(tensor()), [], { signature64: 7 }),
      'bad-value',
      /not where it is said to be/,
    ],
    [
      'another alignment',
      zipFile([{ name: 'archive/data.pkl', bytes: dictOf(tensor()), localPadding: 75 }]),
      'bad-value',
      /as torch\.save aligns it/,
    ],
    [
      'a local header of another name',
      zipFile([{ name: 'archive/data.pkl', bytes: dictOf(tensor()), localName: 'archive/data.pki' }]),
      'bad-value',
      /contradicts/,
    ],
  ])('%s', async (_, bytes, code, sentence) => {
    const error = await refusal(() => readTorch(source(bytes)));
    expect(error.message).toMatch(sentence);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^pytorch_model\.bin: .*\.$/);
  });

  it('every truncation of a good file', async () => {
    for (let length = 0; length < good.length; length++) {
      await expect(readTorch(source(good.slice(0, length))), `${length} bytes`).rejects.toThrow(
        'pytorch_model.bin: ',
      );
    }
  });

  it('a storage that does not lie where torch.save puts it, as it passes', async () => {
    const bytes = saved('tiny');
    const at = Buffer.from(bytes).indexOf('tiny/data/3') - 4;
    bytes[at + 2] = (bytes[at + 2] ?? 0) ^ 1;
    const error = await refusal(() => convert([...withoutWeights(), source(bytes)]));
    expect(error).toMatchObject({ code: 'bad-value', where: 'tiny/data/3', offset: at - 26 });
  });

  it('tensors that share only a part of a storage', async () => {
    const shapes = Object.entries(TINY_SHAPES);
    const counts = shapes.map(([, shape]) => shape.reduce((product, dim) => product * dim, 1));
    const items = shapes.flatMap(([name, shape], i) => {
      const strides = shape.map((_, axis) =>
        shape.slice(axis + 1).reduce((product, dim) => product * dim, 1),
      );
      return [text(name), tensor({ count: 4096, first: i, shape, strides })];
    });
    expect(Math.max(...counts) + shapes.length).toBeLessThan(4096);
    const storage = { name: 'archive/data/0', bytes: new Uint8Array(4096 * 4) };
    const file = zipFile([{ name: 'archive/data.pkl', bytes: pickle('}(', ...items, 'u') }, storage]);
    const error = await refusal(() => convert([...withoutWeights(), source(file)]));
    expect(error).toMatchObject({ code: 'overlap', where: 'wpe.weight' });
  });
});

function dictFile(...ops: readonly string[]): Uint8Array {
  return torchFile(pickle('}', text('a'), ...ops, 's'));
}
