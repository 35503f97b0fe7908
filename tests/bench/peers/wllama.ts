/** In a page: llama.cpp as wllama has it, reading a text once (prefill) and saying one token. */
interface Wllama {
  loadModel(blobs: Blob[], options: Record<string, number | boolean>): Promise<void>;
  createCompletion(
    options: Record<string, unknown>,
  ): Promise<{ timings?: { prompt_ms: number; prompt_n: number } }>;
}

const PACKAGE = '/npm/@wllama/wllama/esm/';

/** Seconds of the prefill, as llama.cpp counts them, and the tokens that it read. */
export async function open(
  model: string,
  threads: number,
): Promise<(text: string) => Promise<{ seconds: number; tokens: number }>> {
  const { Wllama } = (await import(`${PACKAGE}index.js`)) as { Wllama: new (paths: object) => Wllama };
  const wllama = new Wllama({ default: `${PACKAGE}wasm/wllama.wasm` });
  const blob = await (await fetch(model)).blob();
  await wllama.loadModel([blob], { n_threads: threads, n_ctx: 256, n_gpu_layers: 0 });
  return async (prompt) => {
    const { timings } = await wllama.createCompletion({ prompt, max_tokens: 1, cache_prompt: false });
    return { seconds: (timings?.prompt_ms ?? NaN) / 1000, tokens: timings?.prompt_n ?? NaN };
  };
}
