/** A worker that times the bare kernels (kernels.c) once for each message. */
type Factory = (options: { print: (line: string) => void }) => Promise<unknown>;

const MODULE = '/kernels/kernels.mjs';

self.onmessage = async () => {
  try {
    const { default: run } = (await import(MODULE)) as { default: Factory };
    const lines: string[] = [];
    await run({ print: (line) => lines.push(line) });
    self.postMessage({ kernels: JSON.parse(lines.join('\n')) as unknown });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
