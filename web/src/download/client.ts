/** The page's side of the download worker: WorkerClient over protocol.ts, and the real worker for it. */
import { WorkerClient, type ConnectTo, type Options } from '../engine/client.ts';
import { watchedWorker } from '../engine/watch.ts';
import type { DownloadAnswers, DownloadStep, DownloadWork } from './protocol.ts';

/** Milliseconds after a cancel: the worker first puts what it has where a later try finds it. */
const CANCEL_PATIENCE = 5000;

export type ConnectDownload = ConnectTo<DownloadWork, DownloadAnswers[DownloadWork['kind']], DownloadStep>;

/**
 * `request(work, { onStep, signal })` resolves to the answer of that kind of work, or rejects with an EngineError, one
 * sentence with what to do. An aborted signal rejects at once with the status `cancelled`; what was fetched is kept.
 */
export class DownloadClient extends WorkerClient<DownloadWork, DownloadAnswers, DownloadStep> {
  constructor(connect: ConnectDownload) {
    super(connect, CANCEL_PATIENCE);
  }

  /** A first model that is kept is a reason to ask the browser, once, not to clear it away when space gets short. */
  override async request<K extends DownloadWork['kind']>(
    work: Extract<DownloadWork, { kind: K }>,
    options: Options<DownloadStep> = {},
  ): Promise<DownloadAnswers[K]> {
    const answer = await super.request(work, options);
    if (work.kind === 'fetch') void askToPersist();
    return answer;
  }
}

let asked = false;

async function askToPersist(): Promise<void> {
  const storage = (navigator as { storage?: StorageManager }).storage;
  if (asked || storage === undefined) return;
  asked = true;
  if (!(await storage.persisted())) await storage.persist();
}

export function connectDownload(endpoint: string): ConnectDownload {
  return watchedWorker({
    noun: 'The download',
    make: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'download' }),
    start: (lock) => ({ kind: 'start', lock, endpoint }),
  });
}

/** The Hub that this page is pointed at. */
export function hubEndpoint(page: Document): string {
  const meta = page.querySelector<HTMLMetaElement>('meta[name="logitscope-hub"]');
  return meta?.content ?? 'https://huggingface.co';
}
