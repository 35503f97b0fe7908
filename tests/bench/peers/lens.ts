/**
 * The lens of S1 on onnxruntime, in Node or in a browser: rows of normed residuals against the unembedding, then entropy
 * and the ten most likely tokens, one layer's rows at a time, as a page would do it (all logits would be 167 MB).
 */
interface Tensor {
  readonly data: Float32Array;
  dispose(): void;
}
interface Session {
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>;
}
/** What is used here of onnxruntime-common. */
export interface Runtime {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => Tensor;
  readonly InferenceSession: {
    create(
      model: string,
      options: { executionProviders?: string[]; intraOpNumThreads?: number },
    ): Promise<Session>;
  };
}

export interface LensTime {
  readonly seconds: number;
  /** Nats, row by row. */
  readonly entropy: number[];
}

/** `chunk` rows at a time; `rows` holds [N][width]. */
export async function readRows(
  runtime: Runtime,
  session: Session,
  rows: Float32Array,
  shape: { width: number; chunk: number },
): Promise<LensTime> {
  const entropy: number[] = [];
  const size = shape.width * shape.chunk;
  const began = performance.now();
  for (let start = 0; start < rows.length; start += size) {
    const part = rows.subarray(start, start + size);
    const feed = new runtime.Tensor('float32', part, [part.length / shape.width, shape.width]);
    const results = await session.run({ rows: feed });
    entropy.push(...(results.entropy?.data ?? []));
    for (const tensor of Object.values(results)) tensor.dispose();
  }
  return { seconds: (performance.now() - began) / 1000, entropy };
}
