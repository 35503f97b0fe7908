/** Holds a model against values that others published about it. */
import type { Verification } from '@core';
import { EngineError, type Step } from '../engine/protocol.ts';
import { withFailure, type AppState } from '../state/app.ts';
import { failureFrom } from '../state/failure.ts';
import { knownAs, withCheck } from '../state/check.ts';
import { announce, type Page } from './page.ts';

const ANSWERS = import.meta.glob<string>('../../../models/known-answers/*.json', {
  query: '?url',
  import: 'default',
});

const NAMES = Object.keys(ANSWERS).map((path) => /([^/]+)\.json$/.exec(path)?.[1] ?? '');

/** The known answers for a model, by their name; null where the project has none. */
export function answersFor({ models }: Pick<AppState, 'models'>, id: string): string | null {
  const entry = models.find((model) => model.id === id);
  return entry === undefined ? null : knownAs(entry, NAMES);
}

export async function check(page: Page, id: string): Promise<void> {
  const { store, engine } = page;
  const name = answersFor(store.get(), id);
  if (name === null) return;
  store.set((state) => withFailure(withCheck(state, id, { fraction: 0 }), `check:${id}`, null));
  try {
    const answers = await load(name);
    const onStep = ({ fraction }: Step): void => {
      store.set((state) => withCheck(state, id, { fraction }));
    };
    const verification: Verification = await engine.request<'verify'>(
      { kind: 'verify', key: id, answers },
      { onStep },
    );
    store.set((state) => withCheck(state, id, verification));
    announce(page, verification.pass ? 'The published values are met.' : 'The published values are not met.');
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const failure = failureFrom('Not checked.', error);
    store.set((state) => withFailure(withCheck(state, id, null), `check:${id}`, failure));
  }
}

async function load(name: string): Promise<string> {
  const url = await ANSWERS[`../../../models/known-answers/${name}.json`]?.();
  const response = url === undefined ? null : await fetch(url).catch(() => null);
  if (response?.ok !== true)
    throw new EngineError('download-failed', `The known answers for ${name} could not be fetched.`);
  return response.text();
}
