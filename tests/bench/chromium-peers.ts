/** What runs beside ours in Chromium, each in a browser of its own that stays open between rounds. */
import type { Browser, Page } from '@playwright/test';
import { renderers, watch } from './memory.ts';
import type { Rate } from './native.ts';
import { launch } from './page.ts';
import { addressOf, type Server } from './server.ts';
import type { LensTime } from './peers/lens.ts';

export class ChromiumPeer {
  private constructor(
    readonly page: Page,
    private readonly browser: Browser,
    private readonly pids: readonly number[],
  ) {}

  static async open(server: Server): Promise<ChromiumPeer> {
    const browser = await launch();
    const page = await browser.newPage();
    await page.addInitScript(keepWorkers);
    await page.goto(`${server.url}peers/`);
    return new ChromiumPeer(page, browser, await renderers(browser));
  }

  /** Runs something and gives its peak of memory, in bytes. */
  async watched<T>(run: () => Promise<T>): Promise<T & { rss: number }> {
    const stop = watch(this.pids);
    try {
      return { ...(await run()), rss: stop() };
    } finally {
      stop();
    }
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

type Reply = { error?: string } & Record<string, unknown>;
type Workers = Window & { ask: (worker: string, message: object) => Promise<Reply> };

/** In the page: a worker for each name, asked one thing at a time. */
function keepWorkers(): void {
  const workers = new Map<string, Worker>();
  (window as unknown as Workers).ask = (name, message) => {
    const [file = ''] = name.split('#');
    const worker = workers.get(name) ?? new Worker(`/peers/${file}`, { type: 'module' });
    workers.set(name, worker);
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        resolve(data);
      };
      worker.onerror = (event) => {
        reject(new Error(event.message));
      };
      worker.postMessage(message);
    });
  };
}

/** Asks workers at the same time, by file name; what follows a # tells two of the same file apart. */
async function ask<T>(page: Page, names: readonly string[], message: object = {}): Promise<T[]> {
  const replies = await page.evaluate(
    ({ names, message }) =>
      Promise.all(names.map((name) => (window as unknown as Workers).ask(name, message))),
    { names, message },
  );
  for (const { error } of replies) if (error !== undefined) throw new Error(error);
  return replies as T[];
}

export interface LensShape {
  readonly width: number;
  readonly chunk: number;
  readonly threads: number;
}
type LensSetup = LensShape & { readonly model: string; readonly rows: string };
export type LensRun = () => Promise<LensTime & { rss: number }>;

/** onnxruntime-web, opened. */
export async function openOrtWeb(peer: ChromiumPeer, setup: LensSetup): Promise<LensRun> {
  const addresses = { model: addressOf(setup.model), rows: addressOf(setup.rows) };
  await ask(peer.page, ['ort-worker.ts'], { ...setup, ...addresses });
  const pass = async (): Promise<LensTime> => {
    const [time] = await ask<LensTime>(peer.page, ['ort-worker.ts']);
    if (time === undefined) throw new Error('onnxruntime-web said nothing');
    return time;
  };
  return () => peer.watched(pass);
}

export type Prefill = () => Promise<{ seconds: number; tokens: number; rss: number }>;

/** wllama, opened. */
export async function openWllama(
  peer: ChromiumPeer,
  job: { model: string; text: string; threads: number },
): Promise<Prefill> {
  const setup = { model: addressOf(job.model), threads: job.threads };
  const prefill = await peer.page.evaluateHandle(async ({ model, threads }) => {
    const module = '/peers/wllama.ts'; // of the page's server
    const { open } = (await import(module)) as typeof import('./peers/wllama.ts');
    return open(model, threads);
  }, setup);
  return () => peer.watched(() => prefill.evaluate((run, text) => run(text), job.text));
}

/** The bare kernel in so many workers at once: 10^9 multiply-adds a second of all together. */
export async function browserCeiling(peer: ChromiumPeer, threads: number): Promise<number> {
  const names = Array.from({ length: threads }, (_, index) => `kernels-worker.ts#${index}`);
  const replies = await ask<{ kernels: Rate[] }>(peer.page, names);
  return replies.reduce((sum, { kernels }) => sum + (kernels[0]?.q8 ?? NaN), 0);
}
