/**
 * A made-up byte-level vocabulary of any size: all 256 bytes, then merges of lower-case letters, made from nothing but
 * a ranking of letters. Ordinary English comes out at two to three characters a token.
 */
import { TOKEN_KIND, type Vocabulary } from '../../web/src/import/tokenizer.ts';

const LETTERS = 'etaoinshrdlcumwfgypbvkjxqz';

export interface VocabularyShape {
  /** Ids of the model; those beyond the tokens are padding. */
  readonly size: number;
  /** Tokens besides padding. */
  readonly tokens: number;
  /** Special tokens before the bytes, and behind the last merge. The first of them all is bos and eos. */
  readonly head: readonly string[];
  readonly tail: readonly string[];
  readonly pre: string;
}

/** Purpose: make the vocabulary. Every merge joins two tokens with lower ids. */
export function makeVocabulary({ size, tokens: count, head, tail, pre }: VocabularyShape): Vocabulary {
  const merges = makeMerges(count - head.length - tail.length - 256);
  const words = [...byteAlphabet(), ...merges.map(([left, right]) => left + right)];
  const tokens = [...head, ...words, ...tail];
  const kinds: number[] = tokens.map((_, id) =>
    id < head.length || id >= tokens.length - tail.length ? TOKEN_KIND.control : TOKEN_KIND.normal,
  );
  for (let id = tokens.length; id < size; id++) {
    tokens.push(`[PAD${id}]`);
    kinds.push(TOKEN_KIND.unused);
  }
  const end = head.length > 0 ? 0 : count - tail.length;
  return {
    model: 'gpt2',
    pre,
    spacePrefix: null,
    scores: null,
    tokens,
    kinds,
    merges: merges.map((pair) => pair.join(' ')),
    special: new Map([
      ['bos', end],
      ['eos', end],
    ]),
    addBos: null,
  };
}

/** The 256 characters that stand for bytes: printable ones for themselves, the others from U+0100 on. */
export function byteAlphabet(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(isPrintable ? byte : next++);
  });
}

type Merge = readonly [left: string, right: string];

interface Scored {
  readonly text: string;
  readonly score: number;
}

/** Pairs of letters first, then longer pieces of them, then the same with a space in front. */
function makeMerges(count: number): Merge[] {
  const letters = Array.from(LETTERS, (text, rank) => ({ text, score: (LETTERS.length - rank) ** 2 }));
  const space = byteAlphabet()[0x20] ?? '';
  const pairs = join(letters, letters);
  const triples = join(pairs.map(joined), letters);
  const fixed = 2 * (pairs.length + triples.length) + letters.length;
  const quadCount = Math.max(0, Math.ceil((count - fixed) / 2));
  const quads = quadCount > 0 ? join(pairs.map(joined), pairs.map(joined)).slice(0, quadCount) : [];
  const pieces = [...letters, ...[...pairs, ...triples, ...quads].map(joined)];
  const spaced = pieces.map((piece): Merge => [space, piece.text]);
  const merges = [...[...pairs, ...quads, ...triples].map(({ merge }) => merge), ...spaced].slice(0, count);
  if (merges.length < count) throw new Error(`only ${merges.length} of ${count} merges can be made up`);
  return merges;
}

interface Joined {
  readonly merge: Merge;
  readonly score: number;
}

function joined({ merge, score }: Joined): Scored {
  return { text: merge[0] + merge[1], score };
}

/** Every left with every right, the likeliest first; ties in alphabetical order. */
function join(lefts: readonly Scored[], rights: readonly Scored[]): Joined[] {
  const all = lefts.flatMap((left) =>
    rights.map((right) => ({ merge: [left.text, right.text] as const, score: left.score * right.score })),
  );
  const text = ({ merge }: Joined): string => merge[0] + merge[1];
  return all.sort((a, b) => b.score - a.score || (text(a) < text(b) ? -1 : 1));
}
