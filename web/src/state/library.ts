/** Models that are not part of the page: what is offered, fetched and stored. Plain data and what follows from it. */
import type { ModelInfo } from '@core';
import type {
  Offer,
  PartialModel,
  Reference,
  StoredAs,
  StoreFacts,
  StoredModel,
} from '../download/protocol.ts';
import type { AppState, ModelEntry } from './app.ts';
import { bytes, bytesOf } from './format.ts';
import type { MemoryVerdict } from './memory.ts';
import type { Pace } from './pace.ts';
import { DEFAULT_STORED_AS, fromLink, linkOf, type HubReference } from './reference.ts';

/** A model of the catalogue that is fetched on demand. */
export interface Remote {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly reference: HubReference;
  readonly layers: number;
  readonly parameters: number;
  readonly context: number;
  readonly licence: string;
  /** What the licence forbids, in a few words; null where there is nothing to say. */
  readonly restriction: string | null;
  readonly gated: boolean;
  /** An ungated copy by somebody else. */
  readonly mirror: HubReference | null;
  /** Bytes of weights to fetch; null where only the Hub's answer will tell. */
  readonly download: number | null;
}

/** What an offer, a download and a stored model are about. */
export interface Subject {
  readonly reference: Reference;
  readonly storedAs: StoredAs;
}

/** An offer with what the engine said of its header. */
export interface ShownOffer extends Subject {
  readonly offer: Offer;
  readonly info: ModelInfo;
  readonly memory: MemoryVerdict;
}

export interface Fetching {
  readonly key: string;
  readonly name: string;
  /** Bytes come from disk and not from the network. */
  readonly local: boolean;
  readonly done: number;
  readonly total: number;
  readonly file: string;
  readonly pace: Pace;
}

/** What is looked up. */
export interface Asked extends Subject {
  /** In words, for people. */
  readonly name: string;
  readonly mirror: HubReference | null;
}

/** A model that an access token may open: known to be gated, or perhaps private. */
export interface Gate extends Asked {
  readonly closed: 'gated' | 'private';
}

export interface Library {
  readonly open: boolean;
  readonly storedAs: StoredAs;
  /** What is being looked up, in words. */
  readonly looking: string | null;
  readonly offer: ShownOffer | null;
  readonly gate: Gate | null;
  readonly fetching: Fetching | null;
  /** The download that was stopped last, or that failed. */
  readonly stopped: string | null;
  /** Null until the store was asked. */
  readonly facts: StoreFacts | null;
  readonly notes: readonly string[];
}

export const NO_LIBRARY: Library = {
  open: false,
  storedAs: DEFAULT_STORED_AS,
  looking: null,
  offer: null,
  gate: null,
  fetching: null,
  stopped: null,
  facts: null,
  notes: [],
};

/** The remote that a reference means: the same repository, at the pinned revision or at none in particular. */
export function remoteOf(reference: Reference | null, remotes: readonly Remote[]): Remote | null {
  if (reference?.kind !== 'hub') return null;
  const meant = remotes.find(
    ({ reference: own }) =>
      own.id === reference.id &&
      own.file === reference.file &&
      (reference.revision === null || reference.revision === own.revision),
  );
  return meant ?? null;
}

/** How links name a model: by its catalogue id where the catalogue has it, else by its Hub id; null where they cannot. */
export function linkName(
  { reference, storedAs }: { readonly reference: Reference | null; readonly storedAs: StoredAs },
  remotes: readonly Remote[],
): string | null {
  const remote = storedAs === DEFAULT_STORED_AS ? remoteOf(reference, remotes) : null;
  return remote?.id ?? linkOf(reference, storedAs);
}

/**
 * One name for each model that a link can name; null for what no link may name. A name without an owner is the
 * catalogue's or nobody's.
 */
export function canonicalName(name: string, remotes: readonly Remote[]): string | null {
  if (remotes.some(({ id }) => id === name)) return name;
  const subject = name.includes('/') ? fromLink(name) : null;
  return subject === null ? null : linkName(subject, remotes);
}

export function storedEntry(model: StoredModel, remotes: readonly Remote[]): ModelEntry {
  const remote = remoteOf(model.reference, remotes);
  return {
    id: model.key,
    name: model.name,
    origin: 'stored',
    bytes: model.bytes,
    layers: remote?.layers ?? null,
    parameters: remote?.parameters ?? null,
    context: remote?.context ?? null,
    note: model.from,
    link: linkName(model, remotes),
    opening: null,
  };
}

/** The store was read: a chip for each of its models, and for no other one that it once held. */
export function withFacts(state: AppState, facts: StoreFacts, remotes: readonly Remote[]): AppState {
  const held = new Set(facts.models.map(({ key }) => key));
  const kept = state.models.filter(({ id, origin }) => origin !== 'stored' || held.has(id));
  const known = new Set(kept.map(({ id }) => id));
  const fresh = facts.models.filter(({ key }) => !known.has(key)).map((model) => storedEntry(model, remotes));
  const models = [...kept, ...fresh];
  const there = new Set(models.map(({ id }) => id));
  const chosen = state.chosen.filter((id) => there.has(id));
  return withLinked({ ...state, models, chosen, library: { ...state.library, facts } });
}

/** Models that a link named and that have come are chosen; nothing is loaded for it. */
export function withLinked(state: AppState): AppState {
  const come = state.models.filter(({ link }) => link !== null && state.wanted.includes(link));
  if (come.length === 0) return state;
  const chosen = [...new Set([...state.chosen, ...come.map(({ id }) => id)])];
  const wanted = state.wanted.filter((link) => come.every((entry) => entry.link !== link));
  return { ...state, chosen, wanted };
}

/** A model has come: it takes its place among the chips, chosen. */
export function withArrived(state: AppState, entry: ModelEntry): AppState {
  const models = [...state.models.filter(({ id }) => id !== entry.id), entry];
  const chosen = [...new Set([...state.chosen, entry.id])];
  const { library } = state;
  const offer = library.offer?.offer.key === entry.id ? null : library.offer;
  return withLinked({ ...state, models, chosen, library: { ...library, offer } });
}

export function withLibrary(state: AppState, change: Partial<Library>): AppState {
  return { ...state, library: { ...state.library, ...change } };
}

/** The button that begins a download always names its size. */
export function fetchLabel({ offer, reference }: Pick<ShownOffer, 'offer' | 'reference'>): string {
  if (offer.have > 0) return resumeLabel(offer.have, offer.download);
  return reference.kind === 'files' ? `Read ${bytes(offer.download)}` : `Download ${bytes(offer.download)}`;
}

/** Of a model of the catalogue: a look-up where its size is not known before. */
export function remoteLabel({ download }: Remote): string {
  return download === null ? 'Look up its size' : `Download ${bytes(download)}`;
}

export function resumeLabel(done: number, total: number): string {
  return `Resume, ${bytesOf(done, total)} here`;
}

export function partialOf(remote: Remote, facts: StoreFacts | null): PartialModel | null {
  return facts?.partial.find(({ reference }) => remoteOf(reference, [remote]) !== null) ?? null;
}

export function storedOf(remote: Remote, facts: StoreFacts | null): StoredModel | null {
  return facts?.models.find(({ reference }) => remoteOf(reference, [remote]) !== null) ?? null;
}

/** Bits for each weight of a matrix, with its share of the block's scale; nearly all weights are in matrices. */
const BITS: Readonly<Record<StoredAs, number>> = { q8_0: 8.5, f16: 16, f32: 32 };

/** Bytes that a model of the catalogue takes in the store, roughly. */
export function keptSize({ parameters }: Remote, storedAs: StoredAs): number {
  return (parameters * BITS[storedAs]) / 8;
}

/** What is stored, in one line: how much of what the browser allows. */
export function storeLine({ models, partial, where, usage, quota }: StoreFacts): string {
  const size = [...models, ...partial].reduce((sum, one) => sum + one.bytes, 0);
  if (where === 'memory')
    return 'This browser lets the page keep nothing: models are gone when the page is closed.';
  const allowed =
    usage === null || quota === null ? '' : `; the browser allows ${bytes(Math.max(0, quota - usage))} more`;
  return `${bytes(size)} kept in this browser, on this machine${allowed}.`;
}
