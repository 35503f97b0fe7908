/** What every decoder's config.json says, whatever it calls it, and the metadata that all of them have. */
import { LIMITS, type Fields } from '../config.ts';
import { u32, type MetadataEntry } from '../gguf-writer.ts';
import type { DecoderShape } from '../plan.ts';

/** The config's names for a shape. */
const NAMES = {
  width: 'hidden_size',
  heads: 'num_attention_heads',
  layers: 'num_hidden_layers',
  inner: 'intermediate_size',
  context: 'max_position_embeddings',
};

interface ShapeTraits {
  /** Where the config calls it something else than most do. */
  readonly names?: Partial<typeof NAMES>;
  /** How often the feed-forward part is as wide as the model, where the config need not say how wide it is. */
  readonly innerFactor?: number;
  /** Whether the output matrix is the token embedding where nothing is said. */
  readonly tied: boolean;
  /** Whether the config may give the width of a head, which need not fill the model's then. */
  readonly freeHeads?: boolean;
}

export function readDecoderShape(config: Fields, traits: ShapeTraits): DecoderShape {
  const names = { ...NAMES, ...traits.names };
  const width = config.count(names.width, { max: LIMITS.width });
  const heads = config.count(names.heads, { max: LIMITS.heads });
  const given = traits.freeHeads === true && config.get('head_dim') !== null;
  const inner = traits.innerFactor === undefined ? {} : { otherwise: traits.innerFactor * width };
  return {
    layers: config.count(names.layers, { max: LIMITS.layers }),
    width,
    inner: config.count(names.inner, { max: LIMITS.width * 8, ...inner }),
    heads,
    headWidth: given
      ? config.count('head_dim', { min: 2, max: LIMITS.width })
      : config.headWidth(names.heads, heads, names.width, width),
    context: config.count(names.context, { max: LIMITS.context }),
    vocabulary: config.count('vocab_size', { max: LIMITS.vocabulary }),
    tied: config.flag('tie_word_embeddings', traits.tied),
  };
}

export function decoderMetadata(family: string, shape: DecoderShape): MetadataEntry[] {
  return [
    u32(`${family}.context_length`, shape.context),
    u32(`${family}.embedding_length`, shape.width),
    u32(`${family}.feed_forward_length`, shape.inner),
    u32(`${family}.block_count`, shape.layers),
  ];
}
