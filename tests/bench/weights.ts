/**
 * Random weights from a counter: value i of a tensor depends on the seed, the tensor's number and i alone, and on
 * integer arithmetic only, so that every machine makes the same bytes.
 */

/** Spread of the sum of four bytes: 4 x (256^2 - 1) / 12, and its root. */
const SUM_MEAN = 510;
const SUM_DEVIATION = Math.sqrt((256 * 256 - 1) / 3);

/** Thirty-two bits that look random: the finishing step of MurmurHash3 (Appleby, public domain). */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** The stream of one tensor. */
export function streamKey(seed: number, tensor: number): number {
  return mix(seed ^ mix(tensor + 1));
}

/** Purpose: fill `out` with values `first`, `first` + 1, ... of a stream: bell-shaped around `mean`. */
export function fillRandom(out: Float32Array, key: number, first: number, mean: number, deviation: number): void {
  const unit = deviation / SUM_DEVIATION;
  for (let i = 0; i < out.length; i++) {
    const bits = mix(key + Math.imul(first + i, 0x9e3779b9));
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    out[i] = mean + (sum - SUM_MEAN) * unit;
  }
}
