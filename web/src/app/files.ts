/** Model files from disk: opened at once, so that what is wrong with one is said where it was chosen. */
import { EngineError, isCancelled, type Step } from '../engine/protocol.ts';
import { refuseTooLarge } from '../engine/limits.ts';
import { fileEntry, withFailure, type AppState, type ModelEntry } from '../state/app.ts';
import { failureFrom } from '../state/failure.ts';
import { announce, type Page } from './page.ts';
import { countTokens } from './tokens.ts';

let opened = 0;

export async function openFiles(page: Page, files: Iterable<File>): Promise<void> {
  page.store.set((state) => withFailure(state, 'file', null));
  for (const file of files) await openFile(page, file);
}

async function openFile(page: Page, file: File): Promise<void> {
  const { store, engine } = page;
  opened += 1;
  const id = `file-${opened}`;
  try {
    refuseTooLarge(file.name, file.size);
    store.set((state) => ({ ...state, models: [...state.models, opening(id, file)] }));
    const source = { key: id, name: file.name, blob: file, sha256: null };
    const stop = new AbortController();
    page.openings.set(id, stop);
    const onStep = ({ fraction }: Step): void => {
      store.set((state) => withEntry(state, id, (entry) => ({ ...entry, opening: fraction })));
    };
    const info = await engine.request<'open'>({ kind: 'open', source }, { onStep, signal: stop.signal });
    page.sources.set(id, source);
    store.set((state) => ({
      ...withEntry(state, id, () => fileEntry(id, info)),
      chosen: [...state.chosen, id],
    }));
    announce(page, `${info.name} is open and chosen.`);
    await countTokens(page);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    store.set((state) => {
      const models = state.models.filter((entry) => entry.id !== id);
      const failure = isCancelled(error) ? null : failureFrom('Not opened.', error);
      return withFailure({ ...state, models }, 'file', failure);
    });
  } finally {
    page.openings.delete(id);
  }
}

function withEntry(state: AppState, id: string, change: (entry: ModelEntry) => ModelEntry): AppState {
  return { ...state, models: state.models.map((entry) => (entry.id === id ? change(entry) : entry)) };
}

function opening(id: string, file: File): ModelEntry {
  return {
    id,
    name: file.name,
    origin: 'file',
    bytes: file.size,
    layers: null,
    parameters: null,
    context: null,
    note: '',
    opening: 0,
  };
}

/** Close a model from disk, or stop opening it. */
export function closeModel(page: Page, id: string): void {
  const opening = page.openings.get(id);
  if (opening !== undefined) {
    opening.abort();
    return;
  }
  page.sources.delete(id);
  page.store.set((state) => ({
    ...state,
    models: state.models.filter((entry) => entry.id !== id),
    chosen: state.chosen.filter((other) => other !== id),
  }));
  void page.engine.request<'forget'>({ kind: 'forget', key: id }).catch(() => undefined);
}
