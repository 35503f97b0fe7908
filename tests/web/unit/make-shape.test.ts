import { describe, expect, it } from 'vitest';
import { byteAlphabet, makeVocabulary } from '../../bench/vocabulary.ts';
import { fillRandom, streamKey } from '../../bench/weights.ts';

describe('the made-up vocabulary', () => {
  const vocabulary = makeVocabulary({
    size: 50_304,
    tokens: 50_277,
    head: ['<s>'],
    tail: ['<e>'],
    pre: 'gpt-2',
  });

  it('has as many ids as asked, all different', () => {
    expect(vocabulary.tokens).toHaveLength(50_304);
    expect(new Set(vocabulary.tokens).size).toBe(50_304);
    expect(vocabulary.kinds[0]).toBe(3);
    expect(vocabulary.kinds[50_276]).toBe(3);
    expect(vocabulary.kinds.slice(50_277)).toEqual(new Array(27).fill(5));
  });

  it('holds every byte, and merges that join what was there before', () => {
    const ids = new Map(vocabulary.tokens.map((token, id) => [token, id]));
    expect(byteAlphabet().every((character) => ids.has(character))).toBe(true);
    expect(new Set(byteAlphabet()).size).toBe(256);
    for (const [rank, merge] of vocabulary.merges.entries()) {
      const [left = '', right = ''] = merge.split(' ');
      const id = ids.get(left + right) ?? -1;
      expect(id === 1 + 256 + rank && (ids.get(left) ?? id) < id && (ids.get(right) ?? id) < id, merge).toBe(
        true,
      );
    }
  });

  it('may be small', () => {
    const small = makeVocabulary({ size: 300, tokens: 300, head: [], tail: ['<e>'], pre: 'gpt-2' });
    expect(small.merges).toHaveLength(43);
    expect(small.special.get('eos')).toBe(299);
  });
});

describe('random weights', () => {
  const draw = (count: number, first = 0, seed = 1, tensor = 0): Float32Array => {
    const out = new Float32Array(count);
    fillRandom(out, streamKey(seed, tensor), first, 0, 0.02);
    return out;
  };

  it('are the same everywhere', () => {
    const unit = 0.02 / Math.sqrt((256 * 256 - 1) / 3);
    expect([...draw(4)]).toEqual([3, 122, 291, 73].map((sum) => Math.fround(sum * unit)));
  });

  it('depend on their place, not on how they are asked for', () => {
    expect(draw(50, 50)).toEqual(draw(100).slice(50));
    expect(draw(10, 0, 2)).not.toEqual(draw(10));
    expect(draw(10, 0, 1, 1)).not.toEqual(draw(10));
  });

  it('have the mean and spread asked for', () => {
    const values = draw(200_000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(2e-4);
    expect(Math.sqrt(variance)).toBeCloseTo(0.02, 3);
  });
});
