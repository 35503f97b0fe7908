import { describe, expect, it } from 'vitest';
import { ImportError } from '@web/import/errors.ts';
import { JsonObject, parseJson, type Json } from '@web/import/json.ts';
import { utf8 } from './import-helpers.ts';

const parse = (text: string): Json => parseJson(utf8(text), 'x.json');

/** The same value in plain objects, to compare with JSON.parse. */
function plain(value: Json): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof JsonObject)
    return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));
  return value;
}

function offsetOf(bytes: Uint8Array): [string, number | null] {
  try {
    parseJson(bytes, 'x.json', 1000);
  } catch (error) {
    if (error instanceof ImportError) return [error.code, error.offset];
    throw error;
  }
  return ['read', null];
}

describe('JSON from untrusted bytes', () => {
  it.each([
    '{}',
    ' [ ] ',
    '[1, -0, 2.5, 1e3, -1.25E-2, 123456789012345678]',
    '{"a": {"b": [true, false, null]}, "": "empty name", "c": "\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"}',
    '"na\u00efve \u4e16\u754c \u{1f600}"',
    `"${'long '.repeat(50)}"`,
  ])('agrees with JSON.parse on %s', (text) => {
    expect(plain(parse(text))).toEqual(JSON.parse(text));
  });

  it('keeps __proto__ as a name', () => {
    const value = parse('{"__proto__": 1, "constructor": 2}');
    expect(value instanceof JsonObject && value.get('__proto__')).toBe(1);
  });

  it('reads what Python writes for numbers that JSON has not', () => {
    expect(parse('[NaN, Infinity, -Infinity]')).toEqual([NaN, Infinity, -Infinity]);
  });

  it.each([
    ['duplicate name', '{"a":1,"b":2,"a":3}', 'duplicate', 13],
    ['duplicate name behind an escape', '{"a":1,"\\u0061":3}', 'duplicate', 7],
    ['nothing', '', 'not-a-model', 0],
    ['trailing comma', '[1,]', 'not-a-model', 3],
    ['missing colon', '{"a" 1}', 'not-a-model', 5],
    ['missing comma', '[1 2]', 'not-a-model', 3],
    ['name without quotes', '{a:1}', 'not-a-model', 1],
    ['leading zero', '[01]', 'not-a-model', 1],
    ['plus sign', '[+1]', 'not-a-model', 1],
    ['bare point', '[1.]', 'not-a-model', 1],
    ['hex', '0x10', 'not-a-model', 1],
    ['a word', 'nul', 'not-a-model', 0],
    ['something behind', '{} x', 'not-a-model', 3],
    ['open string', '"abc', 'not-a-model', 4],
    ['open escape', '"abc\\', 'not-a-model', 5],
    ['control character', '"a\nb"', 'not-a-model', 2],
    ['unknown escape', '"\\x"', 'not-a-model', 1],
    ['short escape', '"\\u12"', 'not-a-model', 3],
    ['half a surrogate pair', '"\\ud83d"', 'bad-encoding', 1],
    ['a number of a million digits', '1'.repeat(1_000_000), 'not-a-model', 0],
    ['nested 100,000 deep', '{"a":'.repeat(100_000), 'bad-count', 320],
  ])('refuses: %s', (_, text, code, at) => {
    expect(offsetOf(utf8(text))).toEqual([code, 1000 + at]);
  });

  it('refuses bytes that are not UTF-8, inside a string and outside', () => {
    expect(offsetOf(Uint8Array.of(0x22, 0x61, 0xc3, 0x28, 0x22))).toEqual(['bad-encoding', 1001]);
    expect(offsetOf(Uint8Array.of(0xff, 0xfe))).toEqual(['not-a-model', 1000]);
  });
});
