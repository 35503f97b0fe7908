/** Runs in the worker: owns the core, its models and their finished sessions. See protocol.ts. */
import { CoreError, type Model, type ModelInfo, type Session } from '@core';
import { loadCore, type Loaded } from './load.ts';
import {
  CANCELLED,
  EngineError,
  type Analysis,
  type Answers,
  type Fault,
  type FromWorker,
  type ModelSource,
  type Step,
  type ToWorker,
  type Work,
} from './protocol.ts';
import { BlobSource } from './source.ts';

interface Open {
  readonly model: Model;
  session: Session | null;
  lens: string;
}
type WorkOf<K extends Work['kind']> = Extract<Work, { kind: K }>;
type Report = (step: Step) => void;

const open = new Map<string, Open>();
const cancelled = new Set<number>();
let loading: Promise<Loaded> | null = null;
let queue: Promise<void> = Promise.resolve();

function post(message: FromWorker): void {
  self.postMessage(message);
}

/** Let messages in: resolves in a new task, without the clamp of setTimeout. */
const breath = new MessageChannel();
let resume: (() => void) | null = null;
breath.port1.onmessage = () => resume?.();
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    resume = resolve;
    breath.port2.postMessage(null);
  });
}

function refuseCancelled(id: number): void {
  if (cancelled.has(id)) throw new EngineError(CANCELLED, 'Cancelled.');
}

/** What could not be loaded is tried again when it is asked for again. */
function loaded(): Promise<Loaded> {
  loading ??= loadCore().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function openModel(source: ModelSource, report: Report): Promise<Open> {
  const known = open.get(source.key);
  if (known !== undefined) return known;
  const { core } = await loaded();
  const bytes = new BlobSource(source.blob, source.name, (end) => {
    report({ phase: 'load', done: end, total: source.blob.size, fraction: end / source.blob.size });
  });
  const model = core.openModel(bytes);
  if (source.sha256 !== null && model.info.sha256 !== source.sha256) {
    model.close();
    throw new EngineError(
      'hash-mismatch',
      `“${source.name}” is not the file that the catalogue names: its SHA-256 differs.`,
    );
  }
  const opened = { model, session: null, lens: '' };
  open.set(source.key, opened);
  return opened;
}

/** A cancel that came while the file was read is seen right after. */
async function openFile(source: ModelSource, id: number, report: Report): Promise<ModelInfo> {
  const { info } = (await openModel(source, report)).model;
  await breathe();
  if (cancelled.has(id)) forget(source.key);
  refuseCancelled(id);
  return info;
}

function kept(key: string): Open {
  const entry = open.get(key);
  if (entry === undefined) throw new EngineError('not-open', 'The engine no longer holds this model.');
  return entry;
}

function finished(key: string): { session: Session; entry: Open } {
  const entry = kept(key);
  if (entry.session === null) throw new EngineError('not-open', 'The engine no longer holds this run.');
  return { session: entry.session, entry };
}

async function run(session: Session, id: number, report: Report): Promise<void> {
  for (;;) {
    refuseCancelled(id);
    const { phase, done, total, fraction } = session.step();
    if (phase === 'done') return;
    report({ phase, done, total, fraction });
    await breathe();
  }
}

async function analyze(work: WorkOf<'analyze'>, id: number, report: Report): Promise<Analysis> {
  const entry = await openModel(work.source, report);
  await breathe();
  refuseCancelled(id);
  entry.session?.close();
  entry.session = null;
  const began = performance.now();
  const session = entry.model.openSession(work.text, { cut: work.cut, lens: work.settings.lens });
  try {
    await run(session, id, report);
    const json = session.measure(work.settings);
    entry.session = session;
    entry.lens = work.settings.lens;
    return { json, milliseconds: performance.now() - began, heap: await heapBytes() };
  } catch (error) {
    session.close();
    throw error;
  }
}

async function measure(work: WorkOf<'measure'>, id: number, report: Report): Promise<Analysis> {
  const { session, entry } = finished(work.key);
  const began = performance.now();
  if (entry.lens !== work.settings.lens) {
    session.setLens(work.settings.lens);
    entry.lens = '';
    await run(session, id, report);
    entry.lens = work.settings.lens;
  }
  const json = session.measure(work.settings);
  return { json, milliseconds: performance.now() - began, heap: await heapBytes() };
}

async function heapBytes(): Promise<number> {
  return loading === null ? 0 : (await loading).core.heapBytes();
}

async function perform(id: number, work: Work): Promise<Answers[Work['kind']]> {
  const report: Report = (step) => {
    post({ kind: 'progress', id, step });
  };
  switch (work.kind) {
    case 'warm':
      return { oneThread: (await loaded()).oneThread };
    case 'open':
      return openFile(work.source, id, report);
    case 'tokenize':
      return kept(work.key).model.tokenize(work.text).length;
    case 'analyze':
      return analyze(work, id, report);
    case 'measure':
      return measure(work, id, report);
    case 'csv':
      return finished(work.key).session.csv(work.settings);
    case 'forget':
      forget(work.key);
      return null;
  }
}

function forget(key: string): void {
  const entry = open.get(key);
  entry?.session?.close();
  entry?.model.close();
  open.delete(key);
}

/** A refusal of the core leaves it sound; anything else that is thrown may not. */
function faultOf(error: unknown): { fault: Fault; fatal: boolean } {
  if (error instanceof CoreError || error instanceof EngineError) {
    const { status, message, offset } = error;
    return { fault: { status, message, offset }, fatal: status === 'no-wasm' };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return {
    fault: { status: 'worker-died', message: `The engine stopped: ${reason}`, offset: null },
    fatal: true,
  };
}

async function handle(id: number, work: Work): Promise<void> {
  try {
    refuseCancelled(id);
    post({ kind: 'answer', id, value: await perform(id, work) });
  } catch (error) {
    post({ kind: 'fault', id, ...faultOf(error) });
  } finally {
    cancelled.delete(id);
  }
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'cancel') cancelled.add(data.id);
  else if (data.kind === 'work') queue = queue.then(() => handle(data.id, data.work));
  else holdLock(data.lock);
};

/** While this worker lives it holds a lock; when it dies, however it dies, the page is handed that lock. */
function holdLock(name: string): void {
  // Locks exist in secure contexts only; the type does not say so.
  const locks = (self.navigator as { locks?: LockManager }).locks;
  if (locks === undefined) {
    post({ kind: 'ready' });
    return;
  }
  void locks.request(name, () => {
    post({ kind: 'ready' });
    return new Promise(() => undefined);
  });
}
