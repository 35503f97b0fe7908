/** Our page in Chromium, timed by what goes to and from its worker, and by the wall. */
import type { Browser, Page } from '@playwright/test';
import { renderers, watch } from './memory.ts';
import { analyse, launch, openModel } from './page.ts';
import { serve } from './server.ts';

/** One request to the page's worker. */
interface Exchange {
  readonly kind: string;
  /** Seconds: from the request to its answer, and what the worker says that its work took. */
  readonly waited: number;
  readonly worked: number;
  /** Bytes of the WebAssembly memory. */
  readonly heap: number;
  readonly json: string;
}

interface Answer {
  readonly kind: string;
  readonly id: number;
  readonly value?: { milliseconds?: number; heap?: number; json?: string };
}
type Recording = Window & { exchanges?: Exchange[] };

/** Runs in the page, before anything of it: the page's Worker, with a record of every request that was answered. */
function recordExchanges(): void {
  const exchanges: Exchange[] = [];
  (window as Recording).exchanges = exchanges;
  window.Worker = class extends Worker {
    readonly #asked = new Map<number, { kind: string; at: number }>();

    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
        const asked = this.#asked.get(data.id);
        if (data.kind !== 'answer' || asked === undefined) return;
        const { milliseconds = 0, heap = 0, json = '' } = data.value ?? {};
        const waited = (performance.now() - asked.at) / 1000;
        exchanges.push({ kind: asked.kind, waited, worked: milliseconds / 1000, heap, json });
      });
    }

    override postMessage(message: { id?: number; work?: { kind: string } }, ...rest: never[]): void {
      if (message.id !== undefined && message.work !== undefined)
        this.#asked.set(message.id, { kind: message.work.kind, at: performance.now() });
      super.postMessage(message, ...rest);
    }
  };
}

async function lastExchange(page: Page, kind: string): Promise<Exchange> {
  const exchanges = await page.evaluate(() => (window as Recording).exchanges ?? []);
  const last = exchanges.findLast((exchange) => exchange.kind === kind);
  if (last === undefined) throw new Error(`the page asked its worker for no ${kind}`);
  return last;
}

export interface BrowserRun {
  readonly threads: number;
  /** Seconds of the worker: starting the engine, loading, the first analysis, the next. */
  readonly start: number;
  readonly load: number;
  readonly first: number;
  readonly warm: number;
  /** Seconds on the wall of the next analysis, from the button to the result. */
  readonly wall: number;
  /** Bytes: the WebAssembly memory, and the peak of the renderer. */
  readonly heap: number;
  readonly rss: number;
  readonly digest: string;
}

/** Without threads, the page gets neither the headers nor the service worker that would make up for them. */
export async function withPage<T>(threaded: boolean, use: (page: Page, browser: Browser) => Promise<T>): Promise<T> {
  const server = await serve({ isolated: threaded });
  const browser = await launch();
  try {
    const context = await browser.newContext({ serviceWorkers: threaded ? 'allow' : 'block' });
    const page = await context.newPage();
    await page.addInitScript(recordExchanges);
    await page.goto(server.url);
    return await use(page, browser);
  } finally {
    await browser.close();
    server.close();
  }
}

/** A fresh browser each time, so that the first analysis is a cold one. `small` only starts the engine. */
export function runInBrowser(model: string, text: string, small: string, threaded: boolean): Promise<BrowserRun> {
  return withPage(threaded, async (page, browser) => {
    await openModel(page, small);
    const start = await lastExchange(page, 'open');
    const stop = watch(await renderers(browser));
    await openModel(page, model);
    const load = await lastExchange(page, 'open');
    await analyse(page, text);
    const first = await lastExchange(page, 'analyze');
    const wall = await analyse(page, text);
    const warm = await lastExchange(page, 'analyze');
    const { digest, engine } = JSON.parse(warm.json) as { digest: string; engine: { threads: number } };
    return {
      threads: engine.threads,
      start: start.waited,
      load: load.waited,
      first: first.worked,
      warm: warm.worked,
      wall,
      heap: warm.heap,
      rss: stop(),
      digest,
    };
  });
}
