import { describe, expect, it } from 'vitest';
import { memorySource } from '@web/import/bytes.ts';
import { readSafetensors } from '@web/import/safetensors.ts';
import { jsonBytes, refusal, safetensors, utf8, type JsonValue } from './import-helpers.ts';

const read = (bytes: Uint8Array) => readSafetensors(memorySource('model.safetensors', bytes));

const four = new Uint8Array(4);
const eight = new Uint8Array(8);

function one(entry: JsonValue, data = four): Uint8Array {
  return safetensors({ 'a.weight': entry }, data);
}

function withLength(length: bigint, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + rest.length);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  bytes.set(rest, 8);
  return bytes;
}

const a = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };

/** Name, file, code, and what the sentence must say. */
const CASES: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
  ['empty file', new Uint8Array(), 'empty', /empty/],
  ['under 8 bytes', new Uint8Array(7), 'truncated', /7 bytes/],
  ['header length 0', new Uint8Array(8), 'bad-length', /length is 0/],
  ['header over 100 MB', withLength(100_000_001n, utf8('{}')), 'bad-length', /100000001.*100000000/],
  ['header length 2^64-1', withLength(2n ** 64n - 1n, utf8('{}')), 'bad-length', /limit/],
  ['header longer than the file', withLength(100n, utf8('{}')), 'truncated', /100 bytes.*only 2/],
  ['Git LFS pointer', utf8('version https://git-lfs.github.com/spec/v1\n'), 'not-a-model', /Git LFS/],
  ['web page', utf8('<!DOCTYPE html><html></html>'), 'not-a-model', /web page/],
  ['header not UTF-8', safetensorsBytes(Uint8Array.of(0x7b, 0x22, 0xff, 0x22)), 'bad-encoding', /UTF-8/],
  ['header not JSON', safetensors('hello'), 'not-a-model', /byte 8/],
  ['header an array', safetensors('[]'), 'bad-type', /not a JSON object/],
  ['header cut inside', safetensors('{"a":'), 'not-a-model', /byte 13/],
  ['nested 100,000 deep', safetensors('['.repeat(100_000)), 'bad-count', /64 levels/],
  ['duplicate names', safetensors('{"a":{},"a":{}}'), 'duplicate', /"a" appears twice/],
  ['entry not an object', one(3), 'bad-type', /not an object/],
  ['dtype missing', one({ shape: [1], data_offsets: [0, 4] }), 'bad-type', /dtype nothing/],
  ['dtype unknown', one({ ...a, dtype: 'F3' }), 'bad-type', /"F3"/],
  ['shape missing', one({ dtype: 'F32', data_offsets: [0, 4] }), 'bad-shape', /nothing/],
  ['shape negative', one({ ...a, shape: [-1] }), 'bad-shape', /negative number -1/],
  ['shape fractional', one({ ...a, shape: [0.5] }), 'bad-shape', /0\.5/],
  ['shape product wraps', one({ ...a, shape: [4294967296, 4294967296] }), 'bad-shape', /its range has 4/],
  ['nine dimensions', one({ ...a, shape: [1, 1, 1, 1, 1, 1, 1, 1, 1] }), 'bad-shape', /9 dimensions/],
  ['offsets missing', one({ dtype: 'F32', shape: [1] }), 'bad-value', /data_offsets/],
  ['three offsets', one({ ...a, data_offsets: [0, 4, 8] }), 'bad-value', /two numbers/],
  ['offset negative', one({ ...a, data_offsets: [-4, 0] }), 'bad-value', /negative number -4/],
  ['offset fractional', one({ ...a, data_offsets: [0, 4.5] }), 'bad-value', /4\.5/],
  ['offset over 2^53', one({ ...a, data_offsets: [0, 2 ** 53] }), 'bad-value', /2\^53/],
  ['offsets reversed', one({ ...a, data_offsets: [4, 0] }), 'bad-value', /before it begins/],
  ['end past the data', one({ ...a, data_offsets: [0, 5] }), 'truncated', /ends at byte 5.*only 4/],
  ['shape x dtype != range', one({ ...a, shape: [2] }), 'bad-shape', /8 bytes.*range has 4/],
  [
    'overlap',
    safetensors({ a, b: { ...a, data_offsets: [2, 6] } }, new Uint8Array(6)),
    'overlap',
    /"b".*inside/,
  ],
  ['two tensors on one range', safetensors({ a, b: a }, four), 'overlap', /"b"/],
  ['hole', safetensors({ a, b: { ...a, data_offsets: [5, 9] } }, new Uint8Array(9)), 'bad-value', /a hole/],
  ['hole in front', one({ ...a, data_offsets: [4, 8] }, eight), 'bad-value', /a hole/],
  ['trailing bytes', safetensors({ a }, new Uint8Array(5)), 'bad-length', /goes on/],
];

function safetensorsBytes(header: Uint8Array): Uint8Array {
  return withLength(BigInt(header.length), header);
}

describe('safetensors: what is refused', () => {
  it.each(CASES)('%s', async (_, bytes, code, sentence) => {
    const error = await refusal(() => read(bytes));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch(/^model\.safetensors: .*[.?]$/s);
    expect(error.offset).not.toBeNull();
  });

  it('names the tensor, its place in the header, the value and the limit', async () => {
    const error = await refusal(() => read(one({ ...a, data_offsets: [0, 5] })));
    expect(error).toMatchObject({
      file: 'model.safetensors',
      where: 'a.weight',
      value: '5',
      limit: '4',
      offset: 20,
    });
  });

  it('escapes what a tensor is called', async () => {
    const error = await refusal(() => read(safetensors({ 'a\n\u001b[31m': 3 })));
    expect(error.message).toContain(String.raw`"a\u000a\u001b[31m"`);
  });

  it('refuses every truncation of a good file', async () => {
    const good = safetensors({ a, b: { ...a, data_offsets: [4, 8] } }, eight);
    for (let length = 0; length < good.length; length++) {
      await expect(read(good.slice(0, length)), `${length} bytes`).rejects.toThrow('model.safetensors: ');
    }
    expect((await read(good)).tensors.size).toBe(2);
  });
});

describe('safetensors: what is read', () => {
  it('takes tensors in file order, with metadata, padding, empty ones and names like __proto__', async () => {
    const header = {
      __metadata__: { format: 'pt' },
      b: { dtype: 'F16', shape: [2], data_offsets: [4, 8] },
      empty: { dtype: 'F32', shape: [0, 5], data_offsets: [4, 4] },
      a: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
    };
    const text = JSON.stringify(header).replace('"b"', '"__proto__"') + '   ';
    const bytes = safetensors(text, eight);
    const { tensors } = await read(bytes);
    expect([...tensors.keys()]).toEqual(['a', 'empty', '__proto__']);
    const start = bytes.length - 8;
    expect(tensors.get('__proto__')).toMatchObject({ dtype: 'F16', shape: [2], offset: start + 4, bytes: 4 });
  });

  it('reads a header of 20,000 tensors within a second', async () => {
    const header: Record<string, JsonValue> = {};
    for (let i = 0; i < 20_000; i++) header[`t.${i}`] = { ...a, data_offsets: [4 * i, 4 * i + 4] };
    expect(jsonBytes(header).length).toBeGreaterThan(1 << 20);
    const began = performance.now();
    expect((await read(safetensors(header, new Uint8Array(80_000)))).tensors.size).toBe(20_000);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
