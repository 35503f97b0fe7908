/** From a reference to an offer: small files and headers are fetched, the engine judges the header, nothing large moves. */
import type { ModelInfo } from '@core';
import type { Offer, StoredAs } from '../download/protocol.ts';
import { EngineError, isCancelled } from '../engine/protocol.ts';
import { withFailure } from '../state/app.ts';
import { downloadFailure, failureFrom, type Failure } from '../state/failure.ts';
import { withLibrary, type Asked, type Gate, type ShownOffer } from '../state/library.ts';
import { judgeMemory } from '../state/memory.ts';
import { readReference } from '../state/reference.ts';
import { deviceMemory } from './device.ts';
import { announce, type Page } from './page.ts';

/** What was typed into the field, or pasted. */
export async function lookUpTyped(page: Page, typed: string): Promise<void> {
  const { store, endpoint } = page;
  const reading = readReference(typed, endpoint);
  if (reading.kind === 'refused') {
    const todo = 'Paste an id such as “openai-community/gpt2”, or the address of a model’s page or file.';
    const failure = { what: 'Not looked up.', why: reading.reason, todo };
    store.set((state) => withFailure(state, 'library', failure));
    return;
  }
  const storedAs = reading.storedAs ?? store.get().library.storedAs;
  await lookUp(page, { reference: reading.reference, storedAs, name: typed.trim(), mirror: null });
}

/** Shows the offer, or why there is none. Returns it, or null. */
export async function lookUp(page: Page, asked: Asked): Promise<ShownOffer | null> {
  const { store } = page;
  page.looking?.abort();
  const looking = new AbortController();
  page.looking = looking;
  store.set((state) =>
    withFailure(withLibrary(state, { looking: asked.name, offer: null, gate: null }), 'library', null),
  );
  try {
    const offer = await inspect(page, asked, looking.signal);
    store.set((state) => withLibrary(state, { offer }));
    announce(page, `${offer.offer.name} was looked up. ${offer.memory.sentence}`);
    return offer;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (isCancelled(error)) return null;
    refused(page, asked, error);
    return null;
  } finally {
    if (page.looking === looking) {
      page.looking = null;
      store.set((state) => withLibrary(state, { looking: null }));
    }
  }
}

function refused(page: Page, asked: Asked, error: EngineError): void {
  const what = `${asked.name}: not offered.`;
  const failure: Failure = error instanceof Unfit ? failureFrom(what, error) : downloadFailure(what, error);
  const gate = gateOf(asked, error);
  // The form that asks for the token says all that there is to say, unless one was given.
  const said = gate?.closed === 'gated' && page.token === null;
  page.store.set((state) => withFailure(withLibrary(state, { gate }), 'library', said ? null : failure));
}

function gateOf(asked: Asked, { status }: EngineError): Gate | null {
  if (status === 'gated' || status === 'bad-token') return { ...asked, closed: 'gated' };
  return status === 'not-found' && asked.reference.kind === 'hub' ? { ...asked, closed: 'private' } : null;
}

/** A refusal by the engine, which does not say what to do. */
class Unfit extends EngineError {}

async function inspect(page: Page, { reference, storedAs }: Asked, signal: AbortSignal): Promise<ShownOffer> {
  const { downloads, token } = page;
  const work = { kind: 'inspect', reference, storedAs, token } as const;
  const offer = await downloads.request<'inspect'>(work, { signal });
  const info = await judge(page, offer, signal);
  return { reference, storedAs, offer, info, memory: judgeMemory(info, deviceMemory()) };
}

async function judge(
  { engine }: Page,
  { name, header, stored }: Offer,
  signal: AbortSignal,
): Promise<ModelInfo> {
  try {
    const check = { kind: 'check', name, header: new Blob([header]), size: stored } as const;
    return await engine.request<'check'>(check, { signal });
  } catch (error) {
    if (!(error instanceof EngineError) || isCancelled(error)) throw error;
    throw new Unfit(error.status, error.message, error.offset);
  }
}

export function stopLookUp(page: Page): void {
  page.looking?.abort();
}

/** Another type of weights: what is on offer is looked up again. */
export async function changeStoredAs(page: Page, storedAs: StoredAs): Promise<void> {
  const { offer } = page.store.get().library;
  page.store.set((state) => withLibrary(state, { storedAs }));
  if (offer === null) return;
  await lookUp(page, { name: offer.offer.name, reference: offer.reference, storedAs, mirror: null });
}

/** With a token, or with an ungated copy instead. */
export async function passGate(page: Page, gate: Gate, token: string): Promise<void> {
  page.token = token.trim();
  await lookUp(page, gate);
}
