/**
 * Damage by the seed of a random generator, so that a round can be repeated: bytes flipped, replaced, cut out, put in
 * and spliced, length fields that lie, and for JSON a value in the place of another. Small on purpose: what it should
 * find are errors that are no refusals, not paths as deep as libFuzzer goes natively.
 */
export type Random = (below: number) => number;

/** Purpose: whole numbers in [0, below), the same for the same seed (xorshift32, Marsaglia 2003). */
export function randomFrom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

const pick = <T>(random: Random, items: readonly T[]): T => items[random(items.length)] as T;

/** What a length or a count may claim. */
const NUMBERS = [
  0n,
  1n,
  7n,
  255n,
  65_536n,
  0x7fff_ffffn,
  0xffff_ffffn,
  1n << 32n,
  1n << 53n,
  1n << 60n,
  (1n << 64n) - 1n,
];

function lie(random: Random, bytes: Uint8Array): void {
  const width = pick(random, [2, 4, 8]);
  const at = random(Math.max(1, bytes.length - width));
  let value = BigInt.asUintN(64, pick(random, NUMBERS) - BigInt(random(3)));
  for (let i = at; i < Math.min(at + width, bytes.length); i++, value >>= 8n) bytes[i] = Number(value & 255n);
}

/** Takes `removed` bytes at a place and puts others there. */
function splice(bytes: Uint8Array, at: number, removed: number, put: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]));
}

/** One change; most of them near the front, where headers are. */
function change(random: Random, bytes: Uint8Array, words: readonly Uint8Array[]): Uint8Array {
  const reach = Math.max(1, random(2) === 0 ? bytes.length : Math.min(bytes.length, 512));
  const at = random(reach);
  switch (random(7)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      return bytes;
    case 1:
      bytes[at] = random(256);
      return bytes;
    case 2:
      lie(random, bytes.subarray(0, reach));
      return bytes;
    case 3:
      return bytes.subarray(0, at);
    case 4:
      return splice(bytes, at, random(16), new Uint8Array());
    case 5:
      return splice(bytes, at, 0, bytes.slice(random(reach)).subarray(0, 1 + random(64)));
    default: {
      const word = pick(random, words);
      return splice(bytes, at, random(2) * word.length, word);
    }
  }
}

/** Purpose: a copy of the bytes with one to four changes. `words` are what the format is made of. */
export function mutate(random: Random, seed: Uint8Array, words: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoded = words.map((word) => new Uint8Array(Buffer.from(word, 'latin1')));
  let bytes: Uint8Array = seed.slice();
  for (let changes = 1 + random(4); changes > 0; changes--) bytes = change(random, bytes, encoded);
  return new Uint8Array(bytes);
}

/** Values for the place of any other. */
const VALUES: readonly unknown[] = [
  null,
  true,
  '',
  '__proto__',
  '../x',
  '<0x-1>',
  'a b c',
  '\u0000',
  '\ud800',
  [],
  {},
  [[[]]],
  [1, 2, 3],
  { type: 'Sequence' },
  ...[-1, 0, 0.5, 1, 3, 256, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, 1e308, -1e308],
];

/** Every place in a value, as its parent and the name in there. */
function placesOf(value: unknown): (readonly [Record<string, unknown>, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((name) => [[parent, name] as const, ...placesOf(parent[name])]);
}

/** Purpose: a copy of a JSON value with one to three changes. */
export function mutateJson(random: Random, seed: unknown): unknown {
  const value = structuredClone(seed);
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const places = placesOf(value);
    if (places.length === 0) break;
    // Lists of tokens have most of the places: half of the time one of the first is taken.
    const [parent, name] = pick(random, random(2) === 0 ? places : places.slice(0, 40));
    if (random(5) > 0) parent[name] = random(4) > 0 ? pick(random, VALUES) : pick(random, places)[0];
    else if (Array.isArray(parent)) parent.splice(Number(name), 1);
    else Reflect.deleteProperty(parent, name);
    if (containsItself(value)) return seed;
  }
  return value;
}

/** A value put inside of itself has no JSON text. */
function containsItself(value: unknown, above: readonly unknown[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (
    above.includes(value) || Object.values(value).some((inner) => containsItself(inner, [...above, value]))
  );
}
