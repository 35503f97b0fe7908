/** Our page in Chromium, timed by what goes to and from its worker, and by the wall. */
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from '@playwright/test';
import { renderers, watch } from './memory.ts';
import { chooseStored, keepModel, launchProfile, modelOpen, pickModel, pressAnalyze, resultShown } from './page.ts';
import type { Samples } from './samples.ts';
import { addressOf, serve } from './server.ts';

/** One request to the page's worker. */
export interface Exchange {
  /** Seconds: from the request to its answer, and what the worker says that its work took. */
  readonly waited: number;
  readonly worked: number;
  /** From the first progress of the lens to the answer; 0 for requests without one. */
  readonly lens: number;
  /** Bytes of the WebAssembly memory. */
  readonly heap: number;
  readonly json: string;
}

interface Said {
  readonly kind: string;
  readonly id: number;
  readonly step?: { phase: string };
  readonly value?: { milliseconds?: number; heap?: number; json?: string };
}
type Recording = Window & { nextAnswer?: (kind: string) => Promise<Exchange> };

/**
 * Runs in the page, before anything of it: the page's Worker, of which the next answer of a kind can be awaited. To look
 * for it again and again would have the page draw frame after frame beside the work that is timed.
 */
function recordExchanges(): void {
  const awaited = new Map<string, (exchange: Exchange) => void>();
  (window as Recording).nextAnswer = (kind) =>
    new Promise((resolve) => {
      awaited.set(kind, resolve);
    });
  window.Worker = class extends Worker {
    readonly #asked = new Map<number, { kind: string; at: number; lensAt?: number }>();

    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener('message', ({ data }: MessageEvent<Said>) => {
        const now = performance.now();
        const asked = this.#asked.get(data.id);
        if (asked === undefined) return;
        if (data.step?.phase === 'lens') asked.lensAt ??= now;
        if (data.kind !== 'answer') return;
        const { milliseconds = 0, heap = 0, json = '' } = data.value ?? {};
        const [waited, lens] = [asked.at, asked.lensAt ?? now].map((start) => (now - start) / 1000) as [
          number,
          number,
        ];
        awaited.get(asked.kind)?.({ waited, worked: milliseconds / 1000, lens, heap, json });
        awaited.delete(asked.kind);
        this.#asked.delete(data.id);
      });
    }

    override postMessage(message: { id?: number; work?: { kind: string } }, ...rest: never[]): void {
      if (message.id !== undefined && message.work !== undefined)
        this.#asked.set(message.id, { kind: message.work.kind, at: performance.now() });
      super.postMessage(message, ...rest);
    }
  };
}

/** Does something with the page that ends in an answer of the worker, and gives that once the page has settled. */
async function answered(
  page: Page,
  kind: string,
  act: () => Promise<unknown>,
  settle: () => Promise<unknown>,
): Promise<Exchange> {
  const coming = page.evaluate((kind) => (window as Recording).nextAnswer?.(kind), kind);
  await act();
  const exchange = await Promise.race([coming, tooLong(kind)]);
  if (exchange === undefined) throw new Error('the page has no record of its workers');
  await settle();
  return exchange;
}

function tooLong(kind: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new Error(`no answer of kind ${kind} came`));
    }, 300_000).unref();
  });
}

export function openInPage(page: Page, model: string): Promise<Exchange> {
  return answered(
    page,
    'open',
    () => pickModel(page, model),
    () => modelOpen(page),
  );
}

export function analyseInPage(page: Page, text: string): Promise<Exchange> {
  return answered(
    page,
    'analyze',
    () => pressAnalyze(page, text),
    () => resultShown(page),
  );
}

export interface BrowserRun {
  readonly threads: number;
  /** Seconds of the worker: starting the engine, loading, the first analysis, the next. */
  readonly start: number;
  readonly load: number;
  readonly first: number;
  readonly warm: number;
  /** Of the warm one, the lens. */
  readonly lens: number;
  /** Seconds on the wall of the next analysis, from the button to the result. */
  readonly wall: number;
  /** Bytes: the WebAssembly memory, and the peak of the renderer. */
  readonly heap: number;
  readonly rss: number;
  /** (layers + 1) x positions. */
  readonly points: number;
  readonly digest: string;
}

/** What is read of a result. */
interface Result {
  readonly digest: string;
  readonly engine: { readonly threads: number };
  readonly model: { readonly layers: number };
  readonly tokens: readonly unknown[];
}

/** Without threads, the page gets neither the headers nor the service worker that would make up for them. */
export async function withPage<T>(
  threaded: boolean,
  use: (page: Page, browser: Browser) => Promise<T>,
  ...flags: string[]
): Promise<T> {
  const server = await serve({ isolated: threaded });
  const context = await launchProfile(threaded, ...flags);
  try {
    const browser = context.browser();
    const [page] = context.pages();
    if (browser === null || page === undefined) throw new Error('the browser did not open a page');
    await page.addInitScript(recordExchanges);
    await page.goto(server.url);
    return await use(page, browser);
  } finally {
    await context.close();
    server.close();
  }
}

/** A fresh browser each time, so that the first analysis is a cold one. `small` only starts the engine. */
export function runInBrowser(
  model: string,
  text: string,
  small: string,
  threaded: boolean,
): Promise<BrowserRun> {
  return withPage(threaded, async (page, browser) => {
    const start = await openInPage(page, small);
    const stop = watch(await renderers(browser));
    const load = await openInPage(page, model);
    const first = await analyseInPage(page, text);
    const began = performance.now();
    const warm = await analyseInPage(page, text);
    const wall = (performance.now() - began) / 1000;
    const { digest, engine, model: described, tokens } = JSON.parse(warm.json) as Result;
    return {
      threads: engine.threads,
      start: start.waited,
      load: load.waited,
      first: first.worked,
      warm: warm.worked,
      lens: warm.lens,
      wall,
      heap: warm.heap,
      rss: stop(),
      points: (described.layers + 1) * tokens.length,
      digest,
    };
  });
}

/** Seconds that an analysis waits for a model before the worker's clock of it starts. */
export interface Waits {
  /** It was fetched just now. */
  readonly fetched: number;
  /** An earlier visit kept it. */
  readonly stored: number;
}

/** `small` only starts the engine. */
export function loadStored(model: string, small: string, threaded: boolean): Promise<Waits> {
  return withPage(threaded, async (page) => {
    const wait = async (): Promise<number> => {
      await chooseStored(page);
      const { waited, worked } = await analyseInPage(page, 'a');
      return waited - worked;
    };
    await openInPage(page, small);
    await keepModel(page, new URL(addressOf(model), page.url()).href);
    const fetched = await wait();
    await page.reload();
    await openInPage(page, small);
    return { fetched, stored: await wait() };
  });
}

/** First paint, in seconds, and what the page fetches on its own, compressed, in bytes. Gives the browser's version. */
export function firstPaint(samples: Samples): Promise<string> {
  return withPage(true, async (page, browser) => {
    const bodies: Promise<Buffer>[] = [];
    page.on('response', (response) => bodies.push(response.body().catch(() => Buffer.alloc(0))));
    await page.reload();
    await page.waitForLoadState('networkidle');
    const painted = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
    );
    const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
    samples.add('page/first paint', painted / 1000);
    samples.add(
      'page/bytes before a model',
      sizes.reduce((sum, size) => sum + size, 0),
    );
    return browser.version();
  });
}
