/** What the actions of the page work on. */
import type { DownloadClient } from '../download/client.ts';
import type { EngineClient } from '../engine/client.ts';
import type { ModelSource } from '../engine/protocol.ts';
import type { AppState } from '../state/app.ts';
import type { Remote } from '../state/library.ts';
import type { Store } from '../state/store.ts';

export interface Page {
  readonly store: Store<AppState>;
  readonly engine: EngineClient;
  readonly downloads: DownloadClient;
  /** The origin that is taken for the Hub. */
  readonly endpoint: string;
  /** Models that can be fetched on demand. */
  readonly remotes: readonly Remote[];
  /** Model files at hand: chosen from disk, or fetched once. */
  readonly sources: Map<string, ModelSource>;
  /** Ends the reading of a file that is being opened. */
  readonly openings: Map<string, AbortController>;
  /** Ends the run that is going on. */
  running: AbortController | null;
  /** Ends the reclassification that is going on. */
  reading: AbortController | null;
  /** Ends the look-up, and the download, that is going on. */
  looking: AbortController | null;
  fetching: AbortController | null;
  /** For gated models: kept here alone, sent to the Hub alone, gone with the page. */
  token: string | null;
}

export type Parts = Pick<Page, 'store' | 'engine' | 'downloads' | 'endpoint' | 'remotes'>;

export function createPage(parts: Parts): Page {
  return {
    ...parts,
    sources: new Map(),
    openings: new Map(),
    running: null,
    reading: null,
    looking: null,
    fetching: null,
    token: null,
  };
}

/** The engine closes a model, or what came of it so far; nobody waits for that. */
export function forget({ engine }: Page, key: string): void {
  void engine.request<'forget'>({ kind: 'forget', key }).catch(() => undefined);
}

export function announce({ store }: Page, announcement: string): void {
  store.set({ announcement });
}
