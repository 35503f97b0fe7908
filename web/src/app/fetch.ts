/** Downloads and what is stored. A download begins only because somebody pressed a button that names its size. */
import type { Fetched, PartialModel } from '../download/protocol.ts';
import { EngineError, isCancelled } from '../engine/protocol.ts';
import { withFailure, type ModelEntry } from '../state/app.ts';
import { downloadFailure } from '../state/failure.ts';
import {
  linkName,
  withArrived,
  withFacts,
  withLibrary,
  type Fetching,
  type Remote,
  type ShownOffer,
} from '../state/library.ts';
import { nextPace, startPace } from '../state/pace.ts';
import { lookUp, lookUpTyped } from './look-up.ts';
import { announce, forget, type Page } from './page.ts';
import { fetchedSource, rememberStored } from './stored.ts';
import { countTokensSoon } from './tokens.ts';

/** The button of a catalogue's model names the size that the catalogue states: what is larger is asked again. */
const TOLERANCE = 1.01;

/** Fetches a model of the catalogue; where something has to be decided first, it shows the offer instead. */
export async function fetchRemote(page: Page, remote: Remote): Promise<void> {
  const { name, reference, mirror, gated, download } = remote;
  const { storedAs } = page.store.get().library;
  if (gated && page.token === null) {
    page.looking?.abort();
    const gate = { name, reference, storedAs, mirror, closed: 'gated' } as const;
    page.store.set((state) => withLibrary(state, { open: true, offer: null, gate }));
    return;
  }
  const shown = await lookUp(page, { name, reference, storedAs, mirror });
  if (shown !== null && shown.memory.fits === 'yes' && shown.offer.download <= (download ?? 0) * TOLERANCE)
    await fetchOffer(page, shown);
  else page.store.set((state) => withLibrary(state, { open: true }));
}

/** A model that a link named: fetched where the catalogue names its size, looked up otherwise. */
export async function fetchWanted(page: Page, link: string): Promise<void> {
  const remote = page.remotes.find(({ id }) => id === link);
  if (remote !== undefined) {
    await fetchRemote(page, remote);
    return;
  }
  page.store.set((state) => withLibrary(state, { open: true }));
  await lookUpTyped(page, link);
}

/** Takes an unfinished download up where it stopped. */
export async function resume(page: Page, { name, reference, storedAs }: PartialModel): Promise<void> {
  if (reference === null) return;
  const shown = await lookUp(page, { name, reference, storedAs, mirror: null });
  if (shown !== null && shown.memory.fits !== 'no') await fetchOffer(page, shown);
}

export async function fetchOffer(page: Page, shown: ShownOffer): Promise<void> {
  const { store, downloads, token } = page;
  if (page.fetching !== null) return;
  const fetching = new AbortController();
  page.fetching = fetching;
  const { key, name } = shown.offer;
  store.set((state) =>
    withFailure(
      withLibrary(state, { fetching: started(shown), offer: null, stopped: null, notes: [] }),
      'download',
      null,
    ),
  );
  announce(page, `${name}: download started.`);
  try {
    const onStep = (step: { done: number; total: number; file: string }): void => {
      store.set((state) => withStep(state, step));
    };
    const { signal } = fetching;
    const port = portToEngine(page, shown);
    const work = { kind: 'fetch', key, token, ...(port && { port }) } as const;
    const transfer = port ? [port] : [];
    arrive(page, shown, await downloads.request<'fetch'>(work, { onStep, signal, transfer }));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    forget(page, key);
    const failure = isCancelled(error) ? null : downloadFailure(`${name}: not fetched.`, error);
    store.set((state) => withFailure(withLibrary(state, { stopped: key }), 'download', failure));
    announce(page, isCancelled(error) ? `${name}: stopped. What was fetched is kept.` : '');
  } finally {
    page.fetching = null;
    store.set((state) => withLibrary(state, { fetching: null }));
    await readStore(page);
  }
}

/**
 * The engine takes a model in while it is fetched, from its first byte on and where it surely fits. Where this comes to
 * nothing the model is opened when it is needed.
 */
function portToEngine({ engine }: Page, { offer, memory }: ShownOffer): MessagePort | null {
  if (memory.fits !== 'yes' || offer.have > 0) return null;
  const { key, name, header, stored: size } = offer;
  const { port1: port, port2 } = new MessageChannel();
  const incoming = { key, name, header: new Blob([header]), size, port };
  void engine.request<'receive'>({ kind: 'receive', incoming }, { transfer: [port] }).catch(() => undefined);
  return port2;
}

function started({ offer, reference }: ShownOffer): Fetching {
  const { key, name, have, download: total } = offer;
  const pace = startPace(have, performance.now());
  return { key, name, local: reference.kind === 'files', done: have, total, file: '', pace };
}

function withStep(
  state: Parameters<typeof withLibrary>[0],
  { done, total, file }: { done: number; total: number; file: string },
): typeof state {
  const { fetching } = state.library;
  if (fetching === null) return state;
  const pace = nextPace(fetching.pace, done, performance.now());
  return withLibrary(state, { fetching: { ...fetching, done, total, file, pace } });
}

function arrive(page: Page, shown: ShownOffer, fetched: Fetched): void {
  const { key, name, blob, kept, notes } = fetched;
  const { layers, parameters, context } = shown.info;
  const entry: ModelEntry = {
    id: key,
    name,
    origin: kept ? 'stored' : 'memory',
    bytes: blob.size,
    layers,
    parameters,
    context,
    note: shown.offer.from,
    link: linkName(shown, page.remotes),
    opening: null,
  };
  page.sources.set(key, fetchedSource(fetched));
  page.store.set((state) => withArrived(withLibrary(state, { notes }), entry));
  if (kept) rememberStored(true);
  countTokensSoon(page);
  announce(page, `${name} is here and chosen.`);
}

export function stopFetching(page: Page): void {
  page.fetching?.abort();
}

export function toggleLibrary(page: Page): void {
  const { open, facts } = page.store.get().library;
  page.store.set((state) => withLibrary(state, { open: !open }));
  if (!open && facts === null) void readStore(page);
}

/** Asks what is stored, and shows it. */
export async function readStore(page: Page): Promise<void> {
  try {
    const facts = await page.downloads.request<'list'>({ kind: 'list' });
    page.store.set((state) => withFacts(state, facts, page.remotes));
    rememberStored(facts.models.length > 0);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    page.store.set((state) =>
      withFailure(state, 'library', downloadFailure('The store was not read.', error)),
    );
  }
}

/** Deletes a stored model or an unfinished download. */
export async function removeStored(page: Page, key: string, name: string): Promise<void> {
  try {
    const facts = await page.downloads.request<'remove'>({ kind: 'remove', key });
    if (page.sources.delete(key)) await page.engine.request<'forget'>({ kind: 'forget', key });
    page.store.set((state) => withFacts(state, facts, page.remotes));
    rememberStored(facts.models.length > 0);
    announce(page, `${name} was deleted.`);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    page.store.set((state) => withFailure(state, 'library', downloadFailure(`${name}: not deleted.`, error)));
  }
}
