/**
 * A Hugging Face folder as a source: config.json says what the model is, the weights are converted, the tokenizer becomes
 * metadata. Weights come from safetensors or, where there are none, from PyTorch's own files, in one or in shards.
 */
import { findArchitecture } from './arch/index.ts';
import { readWhole, type ByteSource } from './bytes.ts';
import { Fields } from './config.ts';
import { ImportError } from './errors.ts';
import { layoutGguf, pad, text, u32, type GgufTensor, type MetadataEntry } from './gguf-writer.ts';
import type { ImportPlan, ImportRequest } from './import-plan.ts';
import { matchTensors } from './match.ts';
import { runPieces, type Unusual } from './pieces.ts';
import type { ModelPlan, TensorPlan } from './plan.ts';
import { encode, TYPE_LAYOUT, type StoredType } from './quantise.ts';
import { readSafetensors } from './safetensors.ts';
import { readSharded } from './shards.ts';
import { tensorPieces } from './tensor-piece.ts';
import { loadVocabulary } from './tokenizer-files.ts';
import { tokenizerMetadata } from './tokenizer.ts';
import { readTorch } from './torch.ts';
import { partOf, type Weights } from './weights.ts';

/** What can be asked for, with general.file_type's number. */
export const FILE_TYPES: Readonly<Record<StoredType, number>> = { f32: 0, f16: 1, q8_0: 7 };

const CONFIG_LIMIT = 1 << 20;
const SHARD = /-\d{5}-of-\d{5}\.(?:safetensors|bin)$/;

interface WeightFiles {
  /** The one file, or the index of several. */
  readonly file: ByteSource;
  readonly isIndex: boolean;
  readonly read: (source: ByteSource, part?: number) => Promise<Weights>;
}

/** The weights that would be read: safetensors before PyTorch files, one file before several; null where there are none. */
export function findWeights({ files }: ImportRequest): WeightFiles | null {
  const only = (pattern: RegExp): ByteSource | null => {
    const [found, ...others] = files.filter(({ name }) => pattern.test(name));
    return found && others.length === 0 ? found : null;
  };
  const safetensors = only(/^model\.safetensors$/);
  if (safetensors) return { file: safetensors, isIndex: false, read: readSafetensors };
  const index = only(/\.safetensors\.index\.json$/);
  if (index) return { file: index, isIndex: true, read: readSafetensors };
  const other = only(/\.safetensors$/);
  if (other && !SHARD.test(other.name)) return { file: other, isIndex: false, read: readSafetensors };
  const torch = only(/^pytorch_model\.bin$/);
  if (torch) return { file: torch, isIndex: false, read: readTorch };
  const torchIndex = only(/^pytorch_model\.bin\.index\.json$/);
  return torchIndex && { file: torchIndex, isIndex: true, read: readTorch };
}

/** Purpose: plan the conversion of a folder. */
export async function planFolder(request: ImportRequest): Promise<ImportPlan> {
  const { files, type, name, signal } = request;
  const stage = request.onStage ?? (() => undefined);
  const configFile = files.find((file) => file.name === 'config.json') ?? refuseConfig(request.from);
  const weightFiles = findWeights(request) ?? refuseWeights(request);
  const config = Fields.parse(await readWhole(configFile, CONFIG_LIMIT), configFile.name);
  const architecture = findArchitecture(config);
  const plan = architecture.plan(config);
  stage(`${configFile.name}: ${architecture.modelType}, ${plan.summary}, ${plan.vocabulary} tokens`);

  // The weights come first: their size bounds everything that config.json announces.
  signal?.throwIfAborted();
  const { file, isIndex, read } = weightFiles;
  const weights = isIndex ? await readSharded(file, files, read) : await read(file);
  const matched = matchTensors(weights, architecture, plan);
  const parameters = countParameters(plan);
  stage(`${file.name}: ${matched.length} tensors, ${parameters.toLocaleString('en-US')} parameters`);

  signal?.throwIfAborted();
  const vocabulary = await loadVocabulary(request, config, plan.vocabulary);
  stage(`tokenizer: ${vocabulary.merges.length} merges, splitting rule ${vocabulary.pre}`);

  const metadata = [...describe(architecture.name, name, type, plan), ...tokenizerMetadata(vocabulary)];
  const tensors = ggufTensors({ ...plan, tensors: matched.map((tensor) => tensor.plan) }, type);
  const layout = layoutGguf(metadata, tensors);
  const placed = matched.map((tensor, index) => ({
    ...tensor,
    type: storedType(tensor.plan, type),
    offset: layout.offsets[index] ?? 0,
  }));
  const pieces = [...tensorPieces(placed, (entry) => partOf(weights, entry)), ...weights.checks].sort(
    (a, b) => a.part - b.part || a.offset - b.offset,
  );
  stage(`${layout.size - layout.header.length} bytes of weights as ${type}`);
  return {
    name,
    architecture: architecture.name,
    parameters,
    tensors: tensors.length,
    header: layout.header,
    size: layout.size,
    parts: weights.parts,
    notes: fallbackNotes(plan, type),
    async run(target, hooks = {}) {
      if (!hooks.from) await target.write(0, layout.header);
      const unusual = await runPieces(weights.parts, pieces, target, hooks);
      for (const [index, { values }] of (plan.constants ?? []).entries()) {
        const offset = layout.offsets[matched.length + index] ?? 0;
        await target.write(offset, encode('f32', values));
        await pad(target, offset + values.byteLength);
      }
      return unusualNotes(unusual);
    },
  };
}

function refuseConfig(folder: string): never {
  const sentence = 'there is no config.json in this folder; a Hugging Face model folder has one.';
  throw new ImportError('missing', { file: folder, where: 'config.json' }, sentence);
}

/** Says what to do about the weights that are there instead. */
function refuseWeights({ files, from }: ImportRequest): never {
  const named = (pattern: RegExp): string[] =>
    files.map(({ name }) => name).filter((name) => pattern.test(name));
  const [shard] = named(SHARD);
  if (shard !== undefined) {
    const sentence = `the weights are split over several files (${shard}), but the index that says what is where is missing.`;
    throw new ImportError('missing', { file: from, where: shard }, sentence);
  }
  const several = named(/\.safetensors$/);
  if (several.length > 0) {
    const sentence = `there are several weight files (${several.join(', ')}); none is called model.safetensors, and there is no index.`;
    throw new ImportError(
      'bad-argument',
      { file: from, value: String(several.length), limit: '1' },
      sentence,
    );
  }
  const [pickle] = named(/\.(?:bin|pt|pth|ckpt)$/);
  const seen =
    pickle === undefined ? '' : `; ${pickle} is not read, as it may be anything: pytorch_model.bin is`;
  const where = 'model.safetensors';
  throw new ImportError('missing', { file: from, where }, `there is no ${where} in this folder${seen}.`);
}

/** The general.* keys and the architecture's own. */
export function describe(
  architecture: string,
  name: string,
  type: StoredType,
  plan: ModelPlan,
): MetadataEntry[] {
  return [
    text('general.architecture', architecture),
    text('general.type', 'model'),
    text('general.name', name),
    ...plan.metadata,
    u32('general.file_type', FILE_TYPES[type]),
    u32('general.quantization_version', 2),
  ];
}

/** The type a tensor is written in: a row that is no multiple of the block falls back to F16. */
export function storedType(plan: TensorPlan, type: StoredType): StoredType {
  if (!plan.quantised) return 'f32';
  return plan.columns % TYPE_LAYOUT[type].block === 0 ? type : 'f16';
}

/** The GGUF's tensors in their order: the plan's, then its constants. Vectors have one dimension, matrices two. */
export function ggufTensors(plan: ModelPlan, type: StoredType): GgufTensor[] {
  return [
    ...plan.tensors.map((tensor) => ({
      name: tensor.name,
      type: storedType(tensor, type),
      dims: tensor.shape.length === 1 ? [tensor.rows * tensor.columns] : [tensor.columns, tensor.rows],
    })),
    ...(plan.constants ?? []).map(({ name, values }) => ({
      name,
      type: 'f32' as const,
      dims: [values.length],
    })),
  ];
}

export function countParameters(plan: ModelPlan): number {
  return plan.tensors.reduce((sum, tensor) => sum + tensor.rows * tensor.columns, 0);
}

function fallbackNotes(plan: ModelPlan, type: StoredType): string[] {
  const names = plan.tensors
    .filter((tensor) => tensor.quantised && storedType(tensor, type) !== type)
    .map((tensor) => tensor.name);
  if (names.length === 0) return [];
  return [
    `stored as f16, because their rows are no multiple of ${TYPE_LAYOUT[type].block}: ${names.join(', ')}`,
  ];
}

function unusualNotes(unusual: Unusual): string[] {
  return [...unusual].flatMap(([name, [notFinite, tooLarge]]) => [
    ...(notFinite > 0 ? [`weights of ${name} that are NaN or infinite: ${notFinite}`] : []),
    ...(tooLarge > 0
      ? [`weights of ${name} that are too large for its type and become infinite: ${tooLarge}`]
      : []),
  ]);
}
