/** The two builds of one core, as the tests call them: the command line, and the WebAssembly modules in Node. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Core, type ByteSource, type CoreFactory, type Model, type Settings } from '@core';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const COMMAND = join(ROOT, 'build/native/logitscope');
/** `make checked32`, where the machine has what it needs. */
export const COMMAND_32 = join(ROOT, 'build/checked32/logitscope');

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the native command; never throws for an exit code. */
export function run(...args: string[]): Promise<Ran> {
  return runProgram(COMMAND, ...args);
}

export function runProgram(program: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd: ROOT, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** A browser's Worker as far as Emscripten's threads ask for it. */
class BrowserWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly #worker: Worker;

  constructor(url: URL, { name = '' }: { name?: string } = {}) {
    const thread = new URL('./thread.ts', import.meta.url);
    this.#worker = new Worker(thread, { workerData: { url: url.href, name } });
    this.#worker.on('message', (data) => this.onmessage?.({ data }));
  }

  postMessage(message: unknown): void {
    this.#worker.postMessage(message);
  }
}

/** The Emscripten loader is built for workers; this is all of a worker that it asks for. */
function pretendToBeAWorker(): void {
  Object.assign(globalThis, { self: { location: { href: import.meta.url } }, Worker: BrowserWorker });
}

export async function loadCore(
  variant: 'threads' | 'simd' | 'scalar',
  options?: { kernel?: string; threads?: number },
): Promise<Core> {
  pretendToBeAWorker();
  const base = join(ROOT, `build/wasm/logitscope-${variant}`);
  const loader = (await import(/* @vite-ignore */ pathToFileURL(`${base}.mjs`).href)) as { default: CoreFactory };
  const wasmBinary = new Uint8Array(readFileSync(`${base}.wasm`)).buffer;
  return Core.load({ factory: loader.default, wasmBinary, shared: variant === 'threads' }, options);
}

/** Builds a program of the WebAssembly build and runs it in Node; what it prints. */
export async function runInNode(target: string, folder: string): Promise<string[]> {
  const built = await runProgram('cmake', '--build', 'build/wasm', '--target', target);
  if (built.code !== 0) throw new Error(built.stdout + built.stderr);
  pretendToBeAWorker();
  const base = join(ROOT, 'build/wasm', folder, target);
  const { default: start } = (await import(/* @vite-ignore */ pathToFileURL(`${base}.mjs`).href)) as {
    default: (options: { wasmBinary: Uint8Array; print: (line: string) => void }) => Promise<unknown>;
  };
  const lines: string[] = [];
  await start({ wasmBinary: readFileSync(`${base}.wasm`), print: (line) => lines.push(line) });
  return lines;
}

export function fileSource(path: string): ByteSource {
  const bytes = readFileSync(join(ROOT, path));
  return { name: path, size: bytes.length, read: (offset, into) => { into.set(bytes.subarray(offset, offset + into.length)); } };
}

/** Bytes that are fed at a time: no multiple of anything in a file. */
const PIECE = 999_983;

/** A model, as the page opens one: judged by its header, then fed in pieces. */
export function openModel(core: Core, source: ByteSource): Model {
  const loading = core.openLoading(source, null);
  try {
    for (let at = 0; at < source.size; at += PIECE) {
      const bytes = new Uint8Array(Math.min(PIECE, source.size - at));
      source.read(at, bytes);
      loading.feed(bytes);
    }
    return loading.finish();
  } finally {
    loading.close();
  }
}

/** A whole analysis in WebAssembly; the result as JSON text. */
export function analyse(core: Core, path: string, text: string, settings: Settings): string {
  return analyseSource(core, fileSource(path), text, settings);
}

export function analyseSource(core: Core, source: ByteSource, text: string, settings: Settings): string {
  const model = openModel(core, source);
  try {
    const session = model.openSession(text, false, settings);
    try {
      while (session.step().phase !== 'done');
      return session.measure(settings);
    } finally {
      session.close();
    }
  } finally {
    model.close();
  }
}

/** Paths of the files in a folder that end so, relative to the root. */
export async function filesIn(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(join(ROOT, folder));
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}
