/**
 * The download worker in a page with nothing else, under the real page's Content-Security-Policy: for what only a browser
 * has, its stores. The worker is built as the page builds it.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { build, type Rolldown } from 'vite';
import type {
  DownloadWork,
  Fetched,
  Offer,
  Reference,
  StoreFacts,
} from '../../../../web/src/download/protocol.ts';
import { SITE } from './paths.ts';

/** Takes OPFS away from a worker, as in a browser that has none. */
const WITHOUT_OPFS = 'delete FileSystemFileHandle.prototype.createSyncAccessHandle;\n';

export interface DownloadSite {
  readonly url: string;
  readonly stop: () => void;
}

export async function serveDownloadPage(): Promise<DownloadSite> {
  const worker = await buildWorker();
  const policy =
    /content="(default-src[^"]*)"/.exec(readFileSync(join(SITE, 'index.html'), 'utf8'))?.[1] ?? '';
  const server = createServer(({ url }, response) => {
    const isPage = url === '/';
    const script = url === '/worker-without-opfs.js' ? WITHOUT_OPFS + worker : worker;
    const type = isPage ? 'text/html' : 'text/javascript';
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy });
    response.end(
      isPage ? '<!doctype html><title>Downloads</title><link rel="icon" href="data:," />' : script,
    );
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, stop };
}

async function buildWorker(): Promise<string> {
  const built = (await build({
    root: SITE,
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      target: 'es2023',
      lib: { entry: join(SITE, 'src/download/worker.ts'), formats: ['es'], fileName: 'worker' },
    },
  })) as Rolldown.RolldownOutput[];
  const [chunk] = built[0]?.output ?? [];
  if (chunk === undefined) throw new Error('the worker was not built');
  return chunk.code;
}

interface Answer {
  /** The page's copy of what the worker answered; Blobs as their size and SHA-256. */
  readonly value?: unknown;
  readonly fault?: { readonly status: string; readonly message: string };
}

/** One page's worker and questions to it. */
export class DownloadPage {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(page: Page, url: string, endpoint: string, script = 'worker.js'): Promise<DownloadPage> {
    await page.goto(url);
    await page.evaluate(startWorker, { endpoint, script });
    return new DownloadPage(page);
  }

  /** `stopAt` cancels once so many bytes are there, `killAt` ends the worker instead. */
  ask(work: DownloadWork, limits: { stopAt?: number; killAt?: number } = {}): Promise<Answer> {
    return this.#page.evaluate(askWorker, { ...limits, work });
  }

  async inspect(reference: Reference): Promise<Offer> {
    return (await this.ask({ kind: 'inspect', reference, storedAs: 'q8_0', token: null })).value as Offer;
  }

  async list(): Promise<StoreFacts> {
    return (await this.ask({ kind: 'list' })).value as StoreFacts;
  }

  async fetch(key: string): Promise<HashedFetch> {
    return (await this.ask({ kind: 'fetch', key, token: null })).value as HashedFetch;
  }

  async take(key: string): Promise<HashedFetch> {
    return (await this.ask({ kind: 'take', key })).value as HashedFetch;
  }
}

export type HashedFetch = Omit<Fetched, 'blob'> & { readonly size: number; readonly hash: string };

/** In the page: nothing of this file can be used here. */
function startWorker({ endpoint, script }: { endpoint: string; script: string }): void {
  const worker = new Worker(script, { type: 'module' });
  Object.assign(window, { downloadWorker: worker });
  worker.postMessage({ kind: 'start', lock: `test-${Math.random()}`, endpoint });
}

interface Question {
  /** A DownloadWork, whose Files Playwright's types would take apart. */
  readonly work: object;
  readonly stopAt?: number;
  readonly killAt?: number;
}

/** In the page, as well. */
function askWorker({ work, stopAt = Infinity, killAt = Infinity }: Question): Promise<Answer> {
  const worker = (window as unknown as { downloadWorker: Worker }).downloadWorker;
  const id = Math.random();
  return new Promise((resolve) => {
    const onMessage = async ({ data }: MessageEvent): Promise<void> => {
      const message = data as {
        id: number;
        kind: string;
        step: { done: number };
        value: unknown;
        fault: never;
      };
      if (message.id !== id) return;
      if (message.kind === 'progress') {
        if (message.step.done > stopAt) worker.postMessage({ kind: 'cancel', id });
        if (message.step.done <= killAt) return;
        worker.terminate();
        resolve({});
      }
      const value = message.value as { blob?: Blob; header?: unknown } | undefined;
      if (value?.blob === undefined) {
        resolve({ value: value && { ...value, header: null }, fault: message.fault });
        return;
      }
      const digest = await crypto.subtle.digest('SHA-256', await value.blob.arrayBuffer());
      const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
      resolve({ value: { ...value, blob: null, size: value.blob.size, hash } });
    };
    worker.addEventListener('message', (event) => void onMessage(event));
    worker.postMessage({ kind: 'work', id, work });
  });
}
