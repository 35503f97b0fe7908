/**
 * What an architecture says about a model: its metadata, and for every tensor of the GGUF where its values come
 * from. A plan is made from config.json alone, before any tensor is seen, and then held against the checkpoint.
 */
import type { Fields } from './config.ts';
import type { MetadataEntry } from './gguf-writer.ts';

/** `count` rows of the source, from row `first` on. */
export interface RowRun {
  readonly first: number;
  readonly count: number;
}

/**
 * How a tensor's rows lie in the checkpoint: as runs of its rows, turned by 90 degrees, or with the halves of each head
 * one behind the other where the file wants them interleaved.
 */
export type Layout =
  | { readonly kind: 'rows'; readonly runs: readonly RowRun[] }
  | { readonly kind: 'transposed' }
  | { readonly kind: 'halves'; readonly headWidth: number };

export interface TensorPlan {
  /** llama.cpp's name. */
  readonly name: string;
  /** The checkpoint's name, without the architecture's prefix. */
  readonly source: string;
  /** Shape in the checkpoint. */
  readonly shape: readonly number[];
  /** Rows and columns as written; a vector is one row. */
  readonly rows: number;
  readonly columns: number;
  readonly layout: Layout;
  /** Matrices take the type asked for; vectors and position embeddings stay F32. */
  readonly quantised: boolean;
}

/** What every decoder's config says, whatever it calls it. */
export interface DecoderShape {
  readonly layers: number;
  readonly width: number;
  /** Width inside the feed-forward part. */
  readonly inner: number;
  readonly heads: number;
  readonly headWidth: number;
  readonly context: number;
  readonly vocabulary: number;
  /** The output matrix is the token embedding. */
  readonly tied: boolean;
}

export interface Constant {
  readonly name: string;
  readonly values: Float32Array<ArrayBuffer>;
}

export interface ModelPlan {
  readonly vocabulary: number;
  readonly metadata: readonly MetadataEntry[];
  readonly tensors: readonly TensorPlan[];
  /** Vectors that follow from the config and are in no checkpoint. */
  readonly constants?: readonly Constant[];
  /** One line for people: layers, width, heads. */
  readonly summary: string;
}

export interface Architecture {
  /** general.architecture. */
  readonly name: string;
  /** config.json's model_type, and its class name for configs without one. */
  readonly modelType: string;
  readonly className: string;
  /** Tensor names come with one of these in front, or with none. */
  readonly prefixes: readonly string[];
  /** What may be there besides the plan's tensors: buffers, and the output matrix where it is tied. */
  readonly buffers: RegExp;
  plan(config: Fields): ModelPlan;
}

function wholeRows(count: number): Layout {
  return { kind: 'rows', runs: [{ first: 0, count }] };
}

/** A matrix stored as [out, in] in the checkpoint, as GGUF wants it. */
export function matrix(name: string, source: string, rows: number, columns: number): TensorPlan {
  return { name, source, shape: [rows, columns], rows, columns, layout: wholeRows(rows), quantised: true };
}

/** A matrix that the checkpoint keeps as [in, out]. */
export function transposed(name: string, source: string, rows: number, columns: number): TensorPlan {
  return {
    name,
    source,
    shape: [columns, rows],
    rows,
    columns,
    layout: { kind: 'transposed' },
    quantised: true,
  };
}

/** A matrix that stays in F32 whatever type is asked for. */
export function exact(name: string, source: string, rows: number, columns: number): TensorPlan {
  return { ...matrix(name, source, rows, columns), quantised: false };
}

export function vector(name: string, source: string, length: number): TensorPlan {
  return { name, source, shape: [length], rows: 1, columns: length, layout: wholeRows(1), quantised: false };
}

/** One line about a shape, for people. */
export function describeShape({ layers, width, heads, context }: DecoderShape): string {
  return `${layers} layers, width ${width}, ${heads} heads, context ${context}`;
}

/** `name`.weight and `name`.bias of a normalisation. */
export function norm(name: string, source: string, width: number): TensorPlan[] {
  return [
    vector(`${name}.weight`, `${source}.weight`, width),
    vector(`${name}.bias`, `${source}.bias`, width),
  ];
}

/** `name`.weight and `name`.bias of a linear layer. */
export function biasedLinear(
  name: string,
  source: string,
  outputs: number,
  inputs: number,
): [TensorPlan, TensorPlan] {
  return [
    matrix(`${name}.weight`, `${source}.weight`, outputs, inputs),
    vector(`${name}.bias`, `${source}.bias`, outputs),
  ];
}
