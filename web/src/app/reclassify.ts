/**
 * Changed settings are applied to the finished runs that the engine keeps; only another lens, other sinks or another
 * window are computed again.
 */
import { EngineError, isCancelled, type Step } from '../engine/protocol.ts';
import { withFailure, withJob, type Job, type Shown } from '../state/app.ts';
import { failureFrom } from '../state/failure.ts';
import { parseResult } from '../state/result.ts';
import { needsPass, type Settings } from '../state/settings.ts';
import { announce, type Page } from './page.ts';

export function changeSettings(page: Page, settings: Settings): void {
  const before = page.store.get().settings;
  page.store.set((state) => withFailure({ ...state, settings }, 'settings', null));
  const { origin, shown } = page.store.get();
  if (page.running !== null || origin === 'recorded' || shown.some(({ json }) => json === null)) {
    page.store.set({ stale: true });
    return;
  }
  void reclassify(page, needsPass(before, settings));
}

async function reclassify(page: Page, pass: boolean): Promise<void> {
  page.reading?.abort();
  const reading = new AbortController();
  page.reading = reading;
  const { shown, settings } = page.store.get();
  if (pass) page.store.set({ run: { jobs: shown.map(waiting), startedAt: performance.now() } });
  try {
    const next: Shown[] = [];
    for (const one of shown) next.push(await again(page, one, settings, reading.signal));
    page.store.set({ shown: next, stale: false });
    announce(page, 'Settings applied.');
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    explain(page, error);
  } finally {
    if (page.reading === reading) {
      page.reading = null;
      if (page.running === null) page.store.set({ run: null });
    }
  }
}

function waiting({ model, result }: Shown): Job {
  return { model, name: result.model.name, phase: 'lens', done: 0, total: 0, fraction: 0, startedAt: null };
}

async function again(page: Page, one: Shown, settings: Settings, signal: AbortSignal): Promise<Shown> {
  const work = { kind: 'measure', key: one.model, settings } as const;
  const onStep = ({ phase, done, total, fraction }: Step): void => {
    page.store.set((state) => withJob(state, one.model, { phase, done, total, fraction }));
  };
  const { json, milliseconds, heap } = await page.engine.request<'measure'>(work, { onStep, signal });
  page.store.set((state) => withJob(state, one.model, { phase: 'done', fraction: 1 }));
  return { model: one.model, result: parseResult(json), json, milliseconds, heap };
}

/** Cancelled, or the worker was replaced and has lost its runs: no fault of the settings, they wait for the next run. */
function explain(page: Page, error: EngineError): void {
  const lost = isCancelled(error) || error.status === 'not-open' || error.status === 'worker-died';
  page.store.set((state) => ({
    ...(lost
      ? state
      : withFailure(state, 'settings', failureFrom('The settings could not be applied.', error))),
    stale: true,
  }));
}
