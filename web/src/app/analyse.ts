/** A run: every chosen model, one after the other, on one text. Results appear as they are ready. */
import { download } from '../engine/download.ts';
import { EngineError, isCancelled, type ModelSource } from '../engine/protocol.ts';
import { withFailure, withJob, withShown, type Job, type ModelEntry } from '../state/app.ts';
import { failureFrom, NO_MODEL, NO_TEXT, tooLong } from '../state/failure.ts';
import { duration, plural } from '../state/format.ts';
import { parseResult } from '../state/result.ts';
import type { Settings } from '../state/settings.ts';
import { builtinDownload } from './catalogue.ts';
import { announce, type Page } from './page.ts';
import { changeSettings } from './reclassify.ts';
import { fetchedSource } from './stored.ts';
import { countTokens } from './tokens.ts';

/** The share of a model's progress bar that its download and loading take. */
const DOWNLOAD_SHARE = 0.3;
const LOAD_SHARE = 0.2;

export async function analyse(page: Page, cut = false): Promise<void> {
  const { store } = page;
  const { chosen, models, text } = store.get();
  if (page.running !== null) return;
  clearRunFailures(page);
  const entries = models.filter(({ id }) => chosen.includes(id));
  if (text === '') store.set((state) => withFailure(state, 'text', NO_TEXT));
  else if (entries.length === 0) store.set((state) => withFailure(state, 'run', NO_MODEL));
  else await runAll(page, entries, cut);
}

/** Ends a run, or the reading through another lens. */
export function cancel(page: Page): void {
  page.running?.abort();
  page.reading?.abort();
}

/** Failures that are not a run's. */
const KEPT = ['file', 'library', 'download'];

function clearRunFailures({ store }: Page): void {
  store.set((state) => ({
    ...state,
    failures: new Map([...state.failures].filter(([place]) => KEPT.includes(place))),
    notes: [],
  }));
}

interface Refusal {
  readonly name: string;
  readonly context: number;
  readonly fault: EngineError;
}

/** What one run goes through. */
interface Course {
  readonly text: string;
  readonly cut: boolean;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly tooLong: Refusal[];
  shown: number;
}

async function runAll(page: Page, entries: readonly ModelEntry[], cut: boolean): Promise<void> {
  const { store } = page;
  page.running = new AbortController();
  page.reading?.abort();
  const { text, settings } = store.get();
  const { signal } = page.running;
  const course: Course = { text, cut, settings, signal, tooLong: [], shown: 0 };
  store.set({ run: { jobs: entries.map(waiting), startedAt: performance.now() } });
  try {
    for (const entry of entries) await runOne(page, entry, course);
    announce(page, `Analysis finished for ${plural(course.shown, 'model')}.`);
  } catch (error) {
    if (!isCancelled(error)) throw error;
    announce(
      page,
      course.shown === 0 ? 'Cancelled. The earlier results stay.' : 'Cancelled. Finished results stay.',
    );
  } finally {
    page.running = null;
    store.set((state) => withFailure({ ...state, run: null }, 'text', tooLong(course.tooLong)));
    if (course.shown > 0 && store.get().settings !== settings) changeSettings(page, store.get().settings);
    await countTokens(page);
  }
}

function waiting({ id, name }: ModelEntry): Job {
  return { model: id, name, phase: 'waiting', done: 0, total: 0, fraction: 0, startedAt: null };
}

/** One model. Cancelling is passed on; any other failure is shown, and the run goes on with the next. */
async function runOne(page: Page, entry: ModelEntry, course: Course): Promise<void> {
  const { store, engine } = page;
  const { text, cut, settings, signal } = course;
  store.set((state) => withJob(state, entry.id, { startedAt: performance.now() }));
  try {
    const source = await sourceOf(page, entry, signal);
    const work = { kind: 'analyze', source, text, cut, settings } as const;
    const onStep = stepReporter(page, entry.id);
    const { json, milliseconds, heap } = await engine.request<'analyze'>(work, { onStep, signal });
    const shown = { model: entry.id, result: parseResult(json), json, milliseconds, heap };
    const first = course.shown === 0;
    store.set((state) => ({ ...withShown(state, shown, first), shownText: text, stale: false }));
    store.set((state) => withJob(state, entry.id, { phase: 'done', fraction: 1 }));
    course.shown += 1;
    announce(page, `${entry.name} finished in ${duration(milliseconds)}.`);
  } catch (error) {
    if (!(error instanceof EngineError) || isCancelled(error)) throw error;
    store.set((state) => withJob(state, entry.id, { phase: 'failed' }));
    if (error.status === 'text-too-long' && entry.context !== null)
      course.tooLong.push({ name: entry.name, context: entry.context, fault: error });
    else
      store.set((state) =>
        withFailure(state, `run:${entry.id}`, failureFrom(`${entry.name}: not analysed.`, error)),
      );
  }
}

function stepReporter({ store }: Page, id: string) {
  const before = builtinDownload(id) === null ? 0 : DOWNLOAD_SHARE;
  return (step: {
    phase: 'load' | 'forward' | 'lens';
    done: number;
    total: number;
    fraction: number;
  }): void => {
    const start = step.phase === 'load' ? before : before + LOAD_SHARE;
    const share = step.phase === 'load' ? LOAD_SHARE : 1 - before - LOAD_SHARE;
    store.set((state) => withJob(state, id, { ...step, fraction: start + share * step.fraction }));
  };
}

async function sourceOf(page: Page, entry: ModelEntry, signal: AbortSignal): Promise<ModelSource> {
  const known = page.sources.get(entry.id);
  if (known !== undefined) return known;
  if (entry.origin === 'stored') return takeStored(page, entry, signal);
  const wanted = builtinDownload(entry.id);
  if (wanted === null) throw new EngineError('read-failed', `“${entry.name}” is no longer at hand.`);
  const onBytes = (done: number): void => {
    const fraction = DOWNLOAD_SHARE * (done / wanted.bytes);
    page.store.set((state) =>
      withJob(state, entry.id, { phase: 'download', done, total: wanted.bytes, fraction }),
    );
  };
  const blob = await download(wanted, onBytes, signal);
  const { sha256 } = wanted;
  const source = { key: entry.id, name: entry.name, blob, handle: null, sha256, vouched: false };
  page.sources.set(entry.id, source);
  return source;
}

async function takeStored(page: Page, { id }: ModelEntry, signal: AbortSignal): Promise<ModelSource> {
  const source = fetchedSource(await page.downloads.request<'take'>({ kind: 'take', key: id }, { signal }));
  page.sources.set(id, source);
  return source;
}
