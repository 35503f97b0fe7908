/**
 * A Hugging Face folder to one GGUF file: the whole path, from what is in the folder to the last byte written.
 * Nothing here knows Node or the page; files come as sources, bytes go to a sink.
 */
import { readWhole, type ByteSink, type ByteSource } from './bytes.ts';
import { findArchitecture } from './arch/index.ts';
import { matchTensors, type MatchedTensor } from './checkpoint.ts';
import { Fields } from './config.ts';
import { ImportError } from './errors.ts';
import { tensorBytes, text, u32, writeGguf, type GgufTensor, type MetadataEntry } from './gguf-writer.ts';
import { JsonObject } from './json.ts';
import type { Constant, ModelPlan, TensorPlan } from './plan.ts';
import { encode, TYPE_LAYOUT, type StoredType } from './quantise.ts';
import { readSafetensors } from './safetensors.ts';
import { tensorChunks, type StreamHooks, type Tally } from './tensor-stream.ts';
import { readTokenizer, tokenizerMetadata } from './tokenizer.ts';

/** What can be asked for, with general.file_type's number. */
export const FILE_TYPES: Readonly<Record<StoredType, number>> = { f32: 0, f16: 1, q8_0: 7 };

const CONFIG_LIMIT = 1 << 20;
const TOKENIZER_LIMIT = 64 << 20;
const WEIGHTS = 'model.safetensors';

export interface ImportRequest {
  /** The files of the folder; others than the ones needed may be among them. */
  readonly files: readonly ByteSource[];
  /** The folder's name, for messages. */
  readonly folder: string;
  readonly type: StoredType;
  /** general.name. */
  readonly name: string;
  readonly sink: ByteSink;
  /** Bytes of weights read so far, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** One line for each stage of the work. */
  readonly onStage?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface ImportSummary {
  readonly architecture: string;
  readonly parameters: number;
  readonly tensors: number;
  readonly bytes: number;
  /** What a person should know about the result. */
  readonly notes: readonly string[];
}

/** Purpose: convert. Throws ImportError for anything wrong with the input, and the signal's reason when cancelled. */
export async function importFolder(request: ImportRequest): Promise<ImportSummary> {
  const { type, name, sink, signal } = request;
  const stage = request.onStage ?? (() => undefined);
  signal?.throwIfAborted();
  const files = findFiles(request);
  const config = Fields.parse(await readWhole(files.config, CONFIG_LIMIT), files.config.name);
  const architecture = findArchitecture(config);
  const plan = architecture.plan(config);
  stage(`${files.config.name}: ${architecture.modelType}, ${plan.summary}, ${plan.vocabulary} tokens`);

  // The weights come first: their size bounds everything that config.json announces.
  const checkpoint = await readSafetensors(files.weights);
  const matched = matchTensors(files.weights.name, architecture, plan, checkpoint);
  const parameters = countParameters(plan);
  stage(`${files.weights.name}: ${matched.length} tensors, ${parameters.toLocaleString('en-US')} parameters`);

  const vocabulary = await loadVocabulary(files, config, plan.vocabulary);
  stage(`${files.tokenizer.name}: ${vocabulary.merges.length} merges, splitting rule ${vocabulary.pre}`);

  const metadata = [...describe(architecture.name, name, type, plan), ...tokenizerMetadata(vocabulary)];
  const tally = new Map<string, Tally>();
  const hooks = progressHooks(matched, request.onProgress, signal);
  const tensors = [
    ...matched.map((tensor) => toGguf(tensor, type, tally, hooks)),
    ...(plan.constants ?? []).map(constantToGguf),
  ];
  stage(
    `writing ${tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0)} bytes of weights as ${type}`,
  );
  const bytes = await writeGguf(metadata, tensors, sink);
  const notes = [...fallbackNotes(plan, type), ...unusualNotes(tally)];
  return { architecture: architecture.name, parameters, tensors: tensors.length, bytes, notes };
}

interface FolderFiles {
  readonly config: ByteSource;
  readonly tokenizer: ByteSource;
  readonly weights: ByteSource;
  readonly settings: ByteSource | undefined;
}

function findFiles({ files, folder }: ImportRequest): FolderFiles {
  const find = (name: string): ByteSource | undefined => files.find((file) => file.name === name);
  const need = (name: string, hint: string): ByteSource => {
    const found = find(name);
    if (found) return found;
    throw new ImportError(
      'missing',
      { file: folder, where: name },
      `there is no ${name} in this folder${hint}.`,
    );
  };
  const config = need('config.json', '; a Hugging Face model folder has one');
  const weights = find(WEIGHTS) ?? refuseWeights(folder, files);
  const tokenizer = need('tokenizer.json', '; save the tokenizer in its fast form to get one');
  return { config, tokenizer, weights, settings: find('tokenizer_config.json') };
}

/** Says what to do about the weights that are there instead. */
function refuseWeights(folder: string, files: readonly ByteSource[]): never {
  const has = (pattern: RegExp): string | undefined => files.find((file) => pattern.test(file.name))?.name;
  const pickle = has(/^(?:pytorch_model.*\.bin|.*\.(?:pt|pth|ckpt))$/);
  const sharded = has(/\.safetensors\.index\.json$/) ?? has(/^model-\d+-of-\d+\.safetensors$/);
  if (sharded !== undefined) {
    const sentence = `the weights are split over several files (${sharded}), which is not read yet; save them as one ${WEIGHTS}.`;
    throw new ImportError('unsupported', { file: folder, where: sharded }, sentence);
  }
  if (pickle !== undefined) {
    const sentence =
      `the weights are only there as ${pickle}, a Python pickle, which can run code when it is opened and is not read; ` +
      `save the model as ${WEIGHTS} (save_pretrained does), or take a revision of it that has one.`;
    throw new ImportError('unsupported', { file: folder, where: pickle }, sentence);
  }
  throw new ImportError(
    'missing',
    { file: folder, where: WEIGHTS },
    `there is no ${WEIGHTS} in this folder.`,
  );
}

async function loadVocabulary(files: FolderFiles, config: Fields, size: number) {
  const { tokenizer, settings } = files;
  const parsed = Fields.parse(await readWhole(tokenizer, TOKENIZER_LIMIT), tokenizer.name);
  const extra = settings
    ? Fields.parse(await readWhole(settings, TOKENIZER_LIMIT), settings.name)
    : new Fields('tokenizer_config.json', new JsonObject(0));
  return readTokenizer(parsed, extra, config, size);
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

/** The GGUF's dimensions of a tensor, the contiguous one first. */
export function ggufDims(plan: TensorPlan): number[] {
  return plan.shape.length === 1 ? [plan.rows * plan.columns] : [plan.columns, plan.rows];
}

function toGguf(
  matched: MatchedTensor,
  asked: StoredType,
  tallies: Map<string, Tally>,
  hooks: StreamHooks,
): GgufTensor {
  const { plan } = matched;
  const type = storedType(plan, asked);
  const tally = { notFinite: 0, tooLarge: 0 };
  tallies.set(plan.name, tally);
  return {
    name: plan.name,
    type,
    dims: ggufDims(plan),
    chunks: () => tensorChunks(matched, type, tally, hooks),
  };
}

function constantToGguf({ name, values }: Constant): GgufTensor {
  const bytes = encode('f32', values);
  return { name, type: 'f32', dims: [values.length], chunks: () => once(bytes) };
}

// eslint-disable-next-line @typescript-eslint/require-await -- the writer takes any asynchronous chunks
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export function countParameters(plan: ModelPlan): number {
  return plan.tensors.reduce((sum, tensor) => sum + tensor.rows * tensor.columns, 0);
}

function progressHooks(
  matched: readonly MatchedTensor[],
  onProgress: ImportRequest['onProgress'],
  signal: AbortSignal | undefined,
): StreamHooks {
  const total = matched.reduce((sum, { entry }) => sum + entry.bytes, 0);
  let done = 0;
  return {
    signal,
    onRead(bytes) {
      done += bytes;
      onProgress?.(done, total);
    },
  };
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

function unusualNotes(tallies: ReadonlyMap<string, Tally>): string[] {
  return [...tallies].flatMap(([name, { notFinite, tooLarge }]) => [
    ...(notFinite > 0 ? [`weights of ${name} that are NaN or infinite: ${notFinite}`] : []),
    ...(tooLarge > 0
      ? [`weights of ${name} that are too large for its type and become infinite: ${tooLarge}`]
      : []),
  ]);
}
