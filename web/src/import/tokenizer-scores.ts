/** The scores of a SentencePiece vocabulary, which tokenizer.json has as a list of merges in their order. */
import { ImportError, quote } from './errors.ts';

/** Characters in a token that merges make; real ones have up to 16. */
const PIECE_LIMIT = 256;

/** A run of the mark for a space. Llama 2's file gives all of them one score, so their merges come in any order. */
const SPACES = /^▁+$/;

/**
 * Purpose: scores that make the core merge as the list does: a token's score is the place of the first merge that makes
 * it, negated; runs of spaces share one where their merges do not stand together. Refuses lists that cannot have come
 * from scores: where the merges of another token do not stand together, or where two tokens read as a third and no merge
 * says so.
 */
export function scoresFromMerges(
  file: string,
  merges: readonly string[],
  ids: ReadonlyMap<string, number>,
  size: number,
): number[] {
  const scores = new Array<number>(size).fill(-merges.length);
  const ways = new Map<string, number>();
  let current = '';
  let mixed = false;
  for (const [rank, merge] of merges.entries()) {
    const token = merge.replace(' ', '');
    const known = ways.get(token) ?? 0;
    if (token !== current && known > 0) {
      if (!SPACES.test(token))
        refuse(file, rank, `the merges that make ${quote(token)} do not stand together`);
      mixed = true;
    }
    if (known === 0) scores[ids.get(token) ?? 0] = -rank;
    current = token;
    ways.set(token, known + 1);
  }
  const spaces = [...ways.keys()].filter((token) => SPACES.test(token)).map((token) => ids.get(token) ?? 0);
  const best = spaces.reduce((most, id) => Math.max(most, scores[id] ?? most), -merges.length);
  if (mixed) for (const id of spaces) scores[id] = best;
  for (const [token, count] of ways) {
    if (token.length > PIECE_LIMIT) refuse(file, 0, `${quote(token)} has over ${PIECE_LIMIT} characters`);
    if (splits(token, ids) !== count)
      refuse(file, 0, `${quote(token)} can be made in more ways than they say`);
  }
  return scores;
}

/** In how many ways a token is two others. */
function splits(token: string, ids: ReadonlyMap<string, number>): number {
  let count = 0;
  for (let at = 1; at < token.length; at++) {
    if (ids.has(token.slice(0, at)) && ids.has(token.slice(at))) count++;
  }
  return count;
}

function refuse(file: string, rank: number, why: string): never {
  const sentence = `the merges are not those of SentencePiece scores: ${why}.`;
  throw new ImportError('unsupported', { file, where: `merges[${rank}]` }, sentence);
}
