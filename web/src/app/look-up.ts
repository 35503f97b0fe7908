/** From a reference to an offer: small files and headers are fetched, the engine judges the header, nothing large moves. */
import type { Offer } from '../download/protocol.ts';
import { EngineError, isCancelled } from '../engine/protocol.ts';
import { withFailure } from '../state/app.ts';
import { failureFrom } from '../state/failure.ts';
import { withLibrary, type ShownOffer, type Subject } from '../state/library.ts';
import { judgeMemory } from '../state/memory.ts';
import { readReference, type HubReference } from '../state/reference.ts';
import { deviceMemory } from './device.ts';
import { announce, type Page } from './page.ts';

export interface Asked extends Subject {
  /** In words, for people. */
  readonly name: string;
  readonly mirror: HubReference | null;
}

/** What was typed into the field, or pasted. */
export async function lookUpTyped(page: Page, typed: string): Promise<void> {
  const reading = readReference(typed, page.endpoint);
  if (reading.kind === 'refused') {
    const todo = 'Paste an id such as “openai-community/gpt2”, or the address of a model’s page or file.';
    page.store.set((state) =>
      withFailure(state, 'library', { what: 'Not looked up.', why: reading.reason, todo }),
    );
    return;
  }
  const { reference } = reading;
  const storedAs = reading.storedAs ?? page.store.get().library.storedAs;
  await lookUp(page, { reference, storedAs, name: typed.trim(), mirror: null });
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
    store.set((state) => {
      const gate = isGated(error) ? asked : null;
      return withFailure(
        withLibrary(state, { gate }),
        'library',
        failureFrom(`${asked.name}: not offered.`, error),
      );
    });
    return null;
  } finally {
    if (page.looking === looking) {
      page.looking = null;
      store.set((state) => withLibrary(state, { looking: null }));
    }
  }
}

function isGated({ status }: EngineError): boolean {
  return status === 'gated' || status === 'unauthorized';
}

async function inspect(page: Page, { reference, storedAs }: Asked, signal: AbortSignal): Promise<ShownOffer> {
  const { downloads, engine, token } = page;
  const work = { kind: 'inspect', reference, storedAs, token } as const;
  const offer: Offer = await downloads.request<'inspect'>(work, { signal });
  const header = new Blob([offer.header]);
  const check = { kind: 'check', name: offer.name, header, size: offer.stored } as const;
  const info = await engine.request<'check'>(check, { signal });
  return { reference, storedAs, offer, info, memory: judgeMemory(info, deviceMemory()) };
}

export function stopLookUp(page: Page): void {
  page.looking?.abort();
}
