/**
 * Rotary positions: how much of a head is turned, how fast, and Llama 3's scaling of the frequencies. Published models
 * say rope_theta (GPT-NeoX rotary_emb_base), a share under a name of their own, and rope_scaling; newer tools write
 * all of it into rope_parameters.
 */
import { ImportError } from '../errors.ts';
import { LIMITS, type Fields } from '../config.ts';
import { f32, u32, type MetadataEntry } from '../gguf-writer.ts';
import type { Constant } from '../plan.ts';

export interface RopeTraits {
  readonly family: string;
  readonly headWidth: number;
  /** The config's name for the part of a head that is turned, and that part where nothing is said. */
  readonly shareField?: string;
  readonly share?: number;
  /** Whether frequencies may be scaled as Llama 3's are. */
  readonly scaled?: boolean;
}

export interface Rope {
  readonly metadata: readonly MetadataEntry[];
  readonly constants: readonly Constant[];
}

const DEFAULT_BASE = 10_000;

export function readRope(config: Fields, traits: RopeTraits): Rope {
  const { family, headWidth, shareField = 'partial_rotary_factor', share = 1, scaled = false } = traits;
  const section = config.section('rope_parameters');
  const scaling = config.section('rope_scaling');
  const kinds = scaled ? ['default', 'llama3'] : ['default'];
  section.requireOneOf('rope_type', kinds, 'default');
  scaling.requireOneOf('rope_type', kinds, scaling.text('type', 'default'));
  const part = section.positive('partial_rotary_factor', 1, config.positive(shareField, 1, share));
  const rotated = Math.trunc(headWidth * part);
  if (rotated < 2 || rotated % 2 !== 0) refuseShare(config, shareField, part, rotated, headWidth);
  const metadata = [u32(`${family}.rope.dimension_count`, rotated)];
  const base = readBase(config, section);
  if (base !== null) metadata.push(f32(`${family}.rope.freq_base`, base));
  const stretched = [section, scaling].find((place) => place.get('rope_type') === 'llama3');
  if (!stretched) return { metadata, constants: [] };
  const values = factors(stretched, rotated, base ?? DEFAULT_BASE);
  return { metadata, constants: [{ name: 'rope_freqs.weight', values }] };
}

function readBase(config: Fields, section: Fields): number | null {
  const named = section.get('rope_theta') !== null ? section : config;
  const field = ['rope_theta', 'rotary_emb_base'].find((name) => named.get(name) !== null);
  return field === undefined ? null : named.positive(field, 1e15);
}

/**
 * What each frequency is divided by: 1 for waves that fit into the training length `high_freq_factor` times, `factor`
 * for those that do not fit into it `low_freq_factor` times, and in between by how often they do.
 */
function factors(scaling: Fields, rotated: number, base: number): Float32Array<ArrayBuffer> {
  const factor = scaling.positive('factor', 1e6);
  const low = scaling.positive('low_freq_factor', 1e6);
  const high = scaling.positive('high_freq_factor', 1e6);
  const length = scaling.count('original_max_position_embeddings', { max: LIMITS.context });
  if (high <= low) {
    const place = { file: scaling.file, where: 'high_freq_factor', value: String(high), limit: String(low) };
    throw new ImportError(
      'bad-value',
      place,
      `"high_freq_factor" is ${high}; it must be above "low_freq_factor", ${low}.`,
    );
  }
  return Float32Array.from({ length: rotated / 2 }, (_, pair) => {
    const wave = 2 * Math.PI * base ** ((2 * pair) / rotated);
    const share = Math.min(Math.max((length / wave - low) / (high - low), 0), 1);
    return 1 / ((1 - share) / factor + share);
  });
}

function refuseShare(
  config: Fields,
  where: string,
  share: number,
  rotated: number,
  headWidth: number,
): never {
  const place = { file: config.file, where, value: String(share), limit: String(headWidth) };
  const sentence = `a rotary share of ${share} turns ${rotated} of the ${headWidth} numbers of a head; it must be an even number above 0.`;
  throw new ImportError('bad-value', place, sentence);
}
