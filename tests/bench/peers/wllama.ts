/** In a page: llama.cpp as wllama has it, reading the text of a job once (prefill) and saying one token. */
interface Completion {
  readonly timings?: { prompt_ms?: number; prompt_n?: number };
}
interface Wllama {
  loadModel(blobs: Blob[], options: Record<string, number | boolean>): Promise<void>;
  createCompletion(options: Record<string, unknown>): Promise<Completion>;
  getNumThreads(): number;
}

const PACKAGE = '/npm/@wllama/wllama/esm/';

export async function open(model: string, threads: number): Promise<(text: string) => Promise<unknown>> {
  const { Wllama } = (await import(`${PACKAGE}index.js`)) as { Wllama: new (paths: object) => Wllama };
  const wllama = new Wllama({ default: `${PACKAGE}wasm/wllama.wasm` });
  const blob = await (await fetch(model)).blob();
  await wllama.loadModel([blob], { n_threads: threads, n_ctx: 256, n_gpu_layers: 0 });
  return async (prompt) => {
    const result = await wllama.createCompletion({ prompt, max_tokens: 1, cache_prompt: false });
    return { result, threads: wllama.getNumThreads() };
  };
}
