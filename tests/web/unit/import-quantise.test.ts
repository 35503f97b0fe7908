/** Expected bits come from numpy's float16 and from ggml's reference for Q8_0 as the Python package gguf has it. */
import { describe, expect, it } from 'vitest';
import { encode, f16FromBits } from '@web/import/quantise.ts';
import { widen } from '@web/import/widen.ts';

const halves = (values: number[]): number[] => [
  ...new Uint16Array(encode('f16', Float32Array.from(values)).slice().buffer),
];

describe('F16', () => {
  it.each([
    ['zero', 0, 0x0000],
    ['minus zero', -0, 0x8000],
    ['one', 1, 0x3c00],
    ['a third', 1 / 3, 0x3555],
    ['largest', 65504, 0x7bff],
    ['just below infinity', 65519.996, 0x7bff],
    ['rounds to infinity', 65520, 0x7c00],
    ['far too large', -1e30, 0xfc00],
    ['infinity', Infinity, 0x7c00],
    ['tie to even, down', 1 + 2 ** -11, 0x3c00],
    ['tie to even, up', 1 + 3 * 2 ** -11, 0x3c02],
    ['smallest normal', 2 ** -14, 0x0400],
    ['largest subnormal rounds up', 2 ** -14 - 2 ** -26, 0x0400],
    ['subnormal', 3 * 2 ** -24, 0x0003],
    ['subnormal tie to even', 2.5 * 2 ** -24, 0x0002],
    ['half the smallest is a tie, to zero', 2 ** -25, 0x0000],
    ['just above it', 2 ** -25 * 1.0001, 0x0001],
    ['float32 subnormal', 1e-40, 0x0000],
  ])('%s', (_, value, bits) => {
    expect(halves([value])).toEqual([bits]);
  });

  it('keeps NaN', () => {
    expect(f16FromBits(0x7fc00000) & 0x7e00).toBe(0x7e00);
    expect(f16FromBits(0x7f800001)).toBe(0x7e00);
  });

  it('comes back unchanged for every half that is a number', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7fff) <= 0x7c00,
    );
    const back = encode('f16', widen('F16', new Uint8Array(all.buffer)));
    expect(new Uint16Array(back.slice().buffer)).toEqual(all);
  });
});

describe('BF16', () => {
  it('widens by bits', () => {
    const bytes = new Uint8Array(Uint16Array.of(0x3f80, 0xc000, 0x0001, 0x7f80).buffer);
    expect([...widen('BF16', bytes)]).toEqual([1, -2, 2 ** -133, Infinity]);
  });

  it('does not mind where its bytes lie', () => {
    const bytes = Uint8Array.of(9, 0x80, 0x3f, 0x00, 0xc0).subarray(1);
    expect([...widen('BF16', bytes)]).toEqual([1, -2]);
  });
});

const block = (make: (i: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: 32 }, (_, i) => make(i));

describe('Q8_0', () => {
  it('halves go away from zero', () => {
    const bytes = encode(
      'q8_0',
      block((i) => (i === 0 ? 127 : i === 1 ? 0.5 : i === 2 ? -0.5 : i === 3 ? -2.5 : 1.5)),
    );
    expect([...bytes.subarray(0, 8)]).toEqual([0x00, 0x3c, 127, 1, 256 - 1, 256 - 3, 2, 2]);
  });

  it('matches the reference on a block of irregular numbers', () => {
    const bytes = encode(
      'q8_0',
      block((i) => Math.fround(((i * 7919) % 101) / 37 - 1.3)),
    );
    expect(Buffer.from(bytes).toString('hex')).toBe(REFERENCE);
  });

  it('takes a block of zeros, and one too small for a scale', () => {
    expect(
      encode(
        'q8_0',
        block(() => 0),
      ),
    ).toEqual(new Uint8Array(34));
    const tiny = encode(
      'q8_0',
      block(() => 1e-7),
    );
    expect([tiny[0], tiny[1], tiny[2]]).toEqual([0, 0, 127]);
  });

  it.each([NaN, Infinity, -Infinity])('a block with %s reads as NaN, its neighbour does not', (odd) => {
    const values = new Float32Array(64).fill(1);
    values[5] = odd;
    const bytes = encode('q8_0', values);
    expect([bytes[0], bytes[1]]).toEqual([0x00, 0x7e]);
    expect([bytes[34], bytes[35], bytes[36]]).toEqual([0x08, 0x20, 127]);
  });
});

const REFERENCE = '542183ee58bc278bf560c42e93fd68cc369a056fd43ea20d77db46aa157fe34eb21c';
