/** Holds a checkpoint's tensors against an architecture's plan: all there, of the right shape, nothing unknown. */
import { ImportError, quote } from './errors.ts';
import type { Architecture, ModelPlan, TensorPlan } from './plan.ts';
import { partOf, type TensorEntry, type Weights } from './weights.ts';
import { WEIGHT_DTYPES } from './widen.ts';

/** Names in one message: all of them for any real model. */
const LISTED = 1000;

export interface MatchedTensor {
  readonly plan: TensorPlan;
  readonly entry: TensorEntry;
}

/**
 * Purpose: find every planned tensor, in the order in which the parts have them, so that what is written one behind the
 * other is read so. Refuses with all missing names, or the first wrong shape or dtype.
 */
export function matchTensors(weights: Weights, architecture: Architecture, plan: ModelPlan): MatchedTensor[] {
  const { file, tensors } = weights;
  const byName = withoutPrefix(file, architecture.prefixes, tensors);
  const missing = plan.tensors.filter((tensor) => !byName.has(tensor.source)).map((tensor) => tensor.source);
  if (missing.length > 0) refuseMissing(file, missing);
  refuseUnknown(file, architecture, plan, byName);
  const matched = plan.tensors.flatMap((tensor) => {
    const entry = byName.get(tensor.source);
    return entry ? [{ plan: tensor, entry: checkEntry(tensor, entry) }] : [];
  });
  return matched.sort(
    ({ entry: a }, { entry: b }) => partOf(weights, a) - partOf(weights, b) || a.offset - b.offset,
  );
}

function refuseMissing(file: string, missing: readonly string[]): never {
  const list = missing.slice(0, LISTED).join(', ');
  const more = missing.length > LISTED ? ` and ${missing.length - LISTED} more` : '';
  const count = missing.length === 1 ? 'a tensor is' : `${missing.length} tensors are`;
  throw new ImportError('missing', { file, where: missing.join(', ') }, `${count} missing: ${list}${more}.`);
}

function withoutPrefix(
  file: string,
  prefixes: readonly string[],
  checkpoint: ReadonlyMap<string, TensorEntry>,
): Map<string, TensorEntry> {
  const byName = new Map<string, TensorEntry>();
  for (const [name, entry] of checkpoint) {
    const prefix = prefixes.find((known) => name.startsWith(known)) ?? '';
    const bare = name.slice(prefix.length);
    if (byName.has(bare)) {
      const sentence = `tensor ${quote(bare)} is there twice, with and without ${quote(prefixes.join(', '))} in front.`;
      throw new ImportError('duplicate', { file, where: bare }, sentence);
    }
    byName.set(bare, entry);
  }
  return byName;
}

/** A tensor that is not understood could change what the model computes. */
function refuseUnknown(
  file: string,
  architecture: Architecture,
  plan: ModelPlan,
  byName: ReadonlyMap<string, TensorEntry>,
): void {
  const known = new Set(plan.tensors.map((tensor) => tensor.source));
  const unknown = [...byName.keys()].filter((name) => !known.has(name) && !architecture.buffers.test(name));
  if (unknown.length === 0) return;
  const shown = unknown.slice(0, 8).map(quote).join(', ') + (unknown.length > 8 ? ', ...' : '');
  const sentence = `${unknown.length} tensors are not part of a ${architecture.modelType} model as config.json describes it: ${shown}.`;
  throw new ImportError('unsupported', { file, where: unknown[0] ?? '' }, sentence);
}

function checkEntry(plan: TensorPlan, entry: TensorEntry): TensorEntry {
  const { name, dtype, offset } = entry;
  const file = entry.source.name;
  const found = `[${entry.shape.join(', ')}]`;
  const expected = `[${plan.shape.join(', ')}]`;
  if (found !== expected) {
    const sentence = `tensor ${quote(name)} has shape ${found}, but config.json asks for ${expected}.`;
    throw new ImportError(
      'bad-shape',
      { file, where: name, offset, value: found, limit: expected },
      sentence,
    );
  }
  if (!WEIGHT_DTYPES.includes(dtype)) {
    const limit = WEIGHT_DTYPES.join(', ');
    const sentence = `tensor ${quote(name)} has the dtype ${dtype}; weights are read from ${limit}.`;
    throw new ImportError('unsupported', { file, where: name, offset, value: dtype, limit }, sentence);
  }
  return entry;
}
