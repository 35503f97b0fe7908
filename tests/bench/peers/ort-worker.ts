/** A worker with the lens in onnxruntime-web: opened by the first message, one pass for each that follows. */
import { readRows, type LensTime, type Runtime } from './lens.ts';

interface Setup {
  readonly model: string;
  readonly rows: string;
  readonly width: number;
  readonly chunk: number;
  readonly threads: number;
}
type WebRuntime = Runtime & { env: { wasm: { numThreads: number; wasmPaths: string } } };

const PACKAGE = '/npm/onnxruntime-web/dist/';

async function open(setup: Setup): Promise<() => Promise<LensTime>> {
  const runtime = (await import(`${PACKAGE}ort.wasm.min.mjs`)) as WebRuntime;
  runtime.env.wasm.numThreads = setup.threads;
  runtime.env.wasm.wasmPaths = PACKAGE;
  const rows = new Float32Array(await (await fetch(setup.rows)).arrayBuffer());
  const session = await runtime.InferenceSession.create(setup.model, { executionProviders: ['wasm'] });
  return () => readRows(runtime, session, rows, setup);
}

let pass: (() => Promise<LensTime>) | null = null;

self.onmessage = async ({ data }: MessageEvent<Setup>) => {
  try {
    if (pass === null) {
      pass = await open(data);
      self.postMessage({});
    } else {
      self.postMessage(await pass());
    }
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
