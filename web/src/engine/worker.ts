/** Runs in the worker: owns the core, its models and their finished sessions. See protocol.ts. */
import { CoreError, type ModelInfo, type Progress, type Verification } from '@core';
import { loadCore, type Loaded } from './load.ts';
import { holdLock } from './lock.ts';
import { openModel } from './open-model.ts';
import { Opened, type Open, type Run } from './opened.ts';
import { Receiving } from './receive.ts';
import {
  CANCELLED,
  EngineError,
  type Analysis,
  type Answers,
  type Fault,
  type FromWorker,
  type Incoming,
  type ModelSource,
  type Step,
  type ToWorker,
  type Work,
} from './protocol.ts';
import { BlobSource } from './source.ts';
import { spaced } from './spaced.ts';

type WorkOf<K extends Work['kind']> = Extract<Work, { kind: K }>;
type Report = (step: Step) => void;

/** Milliseconds of loading between two looks at what came in meanwhile. */
const QUIET = 50;

const opened = new Opened();
const cancelled = new Set<number>();
let receiving: Receiving | null = null;
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

async function receive(incoming: Incoming): Promise<null> {
  const { core } = await loaded();
  receiving?.stop();
  receiving = new Receiving(core, incoming, (model) => {
    opened.add(incoming.key, model);
  });
  return null;
}

/** Between two pieces of the file messages are let in every so often. */
async function take(source: ModelSource, id: number, report: Report): Promise<Open> {
  const known = opened.find(source);
  if (known !== null) return known;
  forget(source.key);
  const { core } = await loaded();
  const total = source.blob.size;
  let latest = performance.now();
  const model = await openModel(core, source, async (done) => {
    if (performance.now() - latest < QUIET) return;
    report({ phase: 'load', done, total, fraction: done / total });
    await breathe();
    refuseCancelled(id);
    latest = performance.now();
  });
  if (source.sha256 !== null && model.info.sha256 !== source.sha256) {
    model.close();
    throw new EngineError(
      'hash-mismatch',
      `“${source.name}” is not the file that the catalogue names: its SHA-256 differs.`,
    );
  }
  return opened.add(source.key, model);
}

/** A cancel that comes at the end leaves nothing open. */
async function openFile(source: ModelSource, id: number, report: Report): Promise<ModelInfo> {
  const { info } = (await take(source, id, report)).model;
  await breathe();
  if (cancelled.has(id)) forget(source.key);
  refuseCancelled(id);
  return info;
}

async function checkHeader({ name, header, size }: WorkOf<'check'>): Promise<ModelInfo> {
  const { core } = await loaded();
  const model = core.checkModel(new BlobSource(header, name, size));
  model.close();
  return model.info;
}

function finished(entry: Open): Run {
  if (entry.run === null) throw new EngineError('not-open', 'The engine no longer holds this run.');
  return entry.run;
}

/** Steps until done, with a breath between two steps for messages and cancels. */
async function finish(work: { step(): Progress }, id: number, report: Report): Promise<void> {
  for (;;) {
    refuseCancelled(id);
    const { phase, done, total, fraction } = work.step();
    if (phase === 'done') return;
    report({ phase, done, total, fraction });
    await breathe();
  }
}

type Text = Pick<WorkOf<'analyze'>, 'text' | 'cut' | 'settings'>;

async function runText(entry: Open, { text, cut, settings }: Text, id: number, report: Report): Promise<Run> {
  entry.run?.session.close();
  entry.run = null;
  const session = entry.model.openSession(text, cut, settings);
  try {
    await finish(session, id, report);
  } catch (error) {
    session.close();
    throw error;
  }
  const { lens, sinks, window } = settings;
  entry.run = { session, text, cut, lens, sinks, window };
  return entry.run;
}

async function analyze(work: WorkOf<'analyze'>, id: number, report: Report): Promise<Analysis> {
  const entry = await take(work.source, id, report);
  await breathe();
  refuseCancelled(id);
  const began = performance.now();
  const { session } = await runText(entry, work, id, report);
  return analysis(session.measure(work.settings), began);
}

/** As much of the work again as the settings ask for: all of it, the lens, or only the reading of the statistics. */
async function measure({ key, settings }: WorkOf<'measure'>, id: number, report: Report): Promise<Analysis> {
  const entry = opened.get(key);
  let run = finished(entry);
  const began = performance.now();
  if (run.sinks !== settings.sinks || run.window !== settings.window) {
    run = await runText(entry, { text: run.text, cut: run.cut, settings }, id, report);
  } else if (run.lens !== settings.lens) {
    run.session.setLens(settings.lens);
    run.lens = '';
    await finish(run.session, id, report);
    run.lens = settings.lens;
  }
  return analysis(run.session.measure(settings), began);
}

async function analysis(json: string, began: number): Promise<Analysis> {
  return { json, milliseconds: performance.now() - began, heap: await heapBytes() };
}

async function verify(work: WorkOf<'verify'>, id: number, report: Report): Promise<Verification> {
  const comparison = opened.get(work.key).model.openVerify(work.answers);
  try {
    await finish(comparison, id, report);
    return comparison.outcome();
  } finally {
    comparison.close();
  }
}

async function heapBytes(): Promise<number> {
  return loading === null ? 0 : (await loading).core.heapBytes();
}

async function perform(id: number, work: Work): Promise<Answers[Work['kind']]> {
  const report: Report = spaced((step) => {
    post({ kind: 'progress', id, step });
  });
  switch (work.kind) {
    case 'warm':
      return { oneThread: (await loaded()).oneThread };
    case 'open':
      return openFile(work.source, id, report);
    case 'receive':
      return receive(work.incoming);
    case 'check':
      return checkHeader(work);
    case 'tokenize':
      return opened.get(work.key).model.tokenize(work.text).length;
    case 'analyze':
      return analyze(work, id, report);
    case 'measure':
      return measure(work, id, report);
    case 'csv':
      return finished(opened.get(work.key)).session.csv(work.settings);
    case 'verify':
      return verify(work, id, report);
    case 'forget':
      forget(work.key);
      return null;
  }
}

function forget(key: string): void {
  if (receiving?.key === key) receiving.stop();
  opened.close(key);
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

/** Where memory is short, models that nothing was asked of yet give way. */
async function performInRoom(id: number, work: Work): Promise<Answers[Work['kind']]> {
  try {
    return await perform(id, work);
  } catch (error) {
    const isShort = error instanceof CoreError && error.status === 'out-of-memory';
    if (!isShort || !makeRoom(keyOf(work))) throw error;
    return perform(id, work);
  }
}

function makeRoom(but: string): boolean {
  const gave = receiving?.stop() ?? false;
  return opened.makeRoom(but) || gave;
}

function keyOf(work: Work): string {
  if ('source' in work) return work.source.key;
  return 'key' in work ? work.key : '';
}

async function handle(id: number, work: Work): Promise<void> {
  try {
    refuseCancelled(id);
    post({ kind: 'answer', id, value: await performInRoom(id, work) });
  } catch (error) {
    post({ kind: 'fault', id, ...faultOf(error) });
  } finally {
    cancelled.delete(id);
  }
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'cancel') cancelled.add(data.id);
  else if (data.kind === 'work' && data.work.kind === 'receive') void handle(data.id, data.work);
  else if (data.kind === 'work') queue = queue.then(() => handle(data.id, data.work));
  else
    holdLock(data.lock, () => {
      post({ kind: 'ready' });
    });
};
