/** What the actions of the page work on. */
import type { EngineClient } from '../engine/client.ts';
import type { ModelSource } from '../engine/protocol.ts';
import type { AppState } from '../state/app.ts';
import type { Store } from '../state/store.ts';

export interface Page {
  readonly store: Store<AppState>;
  readonly engine: EngineClient;
  /** Model files at hand: chosen from disk, or fetched once. */
  readonly sources: Map<string, ModelSource>;
  /** Ends the reading of a file that is being opened. */
  readonly openings: Map<string, AbortController>;
  /** Ends the run that is going on. */
  running: AbortController | null;
  /** Ends the reclassification that is going on. */
  reading: AbortController | null;
}

export function createPage(store: Store<AppState>, engine: EngineClient): Page {
  return { store, engine, sources: new Map(), openings: new Map(), running: null, reading: null };
}

export function announce({ store }: Page, announcement: string): void {
  store.set({ announcement });
}
