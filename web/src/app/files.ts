/** Models from disk: opened at once, so that what is wrong with one is said where it was chosen. */
import { EngineError, isCancelled, type ModelSource, type Step } from '../engine/protocol.ts';
import { fileEntry, withFailure, type AppState, type ModelEntry } from '../state/app.ts';
import { failureFrom } from '../state/failure.ts';
import { sortFiles } from '../state/intake.ts';
import { withLibrary } from '../state/library.ts';
import { judgeMemory } from '../state/memory.ts';
import { deviceMemory } from './device.ts';
import { dropped, type Picked } from './dropped.ts';
import { lookUp } from './look-up.ts';
import { announce, forget, type Page } from './page.ts';
import { countTokens } from './tokens.ts';

let opened = 0;

/** Single files are opened as they are; shards and folders become an offer, because they are converted first. */
export async function openPicked(page: Page, all: readonly Picked[]): Promise<void> {
  page.store.set((state) => withFailure(state, 'file', null));
  const { singles, sets } = sortFiles(all, ({ file, path }) => ({ name: file.name, path }));
  if (singles.length + sets.length === 0) refuse(page, NOTHING);
  for (const { file } of singles) await openFile(page, file);
  const [first, second] = sets;
  if (first === undefined) return;
  if (second !== undefined)
    refuse(page, { ...SEVERAL, why: `“${first.name}” was taken, the others were left.` });
  const { storedAs } = page.store.get().library;
  const { name } = first;
  const files = first.files.map(({ file }) => file);
  page.store.set((state) => withLibrary(state, { open: true }));
  await lookUp(page, { name, reference: { kind: 'files', files, name }, storedAs, mirror: null });
}

export async function dropFiles(page: Page, transfer: DataTransfer): Promise<void> {
  try {
    await openPicked(page, await dropped(transfer));
  } catch (error) {
    if (error instanceof EngineError) refuse(page, { ...NOTHING, why: error.message });
    else refuse(page, { ...NOTHING, why: 'The browser could not read what was dropped.' });
  }
}

const NOTHING = {
  what: 'Not opened.',
  why: 'There is no model among these files.',
  todo: 'Choose .gguf files, or a folder with config.json, tokenizer.json and .safetensors files.',
};
const SEVERAL = {
  what: 'Only one folder or set of shards is read at a time.',
  todo: 'Bring the next one when it is done.',
};

function refuse(page: Page, failure: { what: string; why: string; todo: string }): void {
  page.store.set((state) => withFailure(state, 'file', failure));
}

async function openFile(page: Page, file: File): Promise<void> {
  const { store } = page;
  opened += 1;
  const id = `file-${opened}`;
  const stop = new AbortController();
  page.openings.set(id, stop);
  store.set((state) => ({ ...state, models: [...state.models, opening(id, file)] }));
  try {
    const source = { key: id, name: file.name, blob: file, handle: null, sha256: null, vouched: false };
    const info = await checkedOpen(page, source, stop.signal);
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

/** The header is judged first, so that what cannot fit is refused before it is read. */
async function checkedOpen(page: Page, source: ModelSource, signal: AbortSignal) {
  const { store, engine, sources } = page;
  const { key, name, blob } = source;
  const facts = await engine.request<'check'>(
    { kind: 'check', name, header: blob, size: blob.size },
    { signal },
  );
  const { fits, sentence } = judgeMemory(facts, deviceMemory());
  if (fits === 'no') throw new EngineError('too-large', `“${name}” does not fit. ${sentence}`);
  const onStep = ({ fraction }: Step): void => {
    store.set((state) => withEntry(state, key, (entry) => ({ ...entry, opening: fraction })));
  };
  const info = await engine.request<'open'>({ kind: 'open', source }, { onStep, signal });
  sources.set(key, source);
  return info;
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
    link: null,
    opening: 0,
  };
}

/** Close a model from disk or from memory, or stop opening it. */
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
  forget(page, id);
}
