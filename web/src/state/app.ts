/** The whole state of the page, as plain data. Views render from it; src/app changes it. */
import type { ModelInfo } from '@core';
import type { Check } from './check.ts';
import type { Failure } from './failure.ts';
import { NO_LIBRARY, type Library } from './library.ts';
import type { Result, StateLetter } from './result.ts';
import { DEFAULTS, type Settings } from './settings.ts';
import type { Shade } from './statistics.ts';

export interface ModelEntry {
  readonly id: string;
  readonly name: string;
  /** Stored ones are kept by the browser; those in memory were fetched and could not be kept. */
  readonly origin: 'builtin' | 'file' | 'stored' | 'memory';
  readonly bytes: number;
  readonly layers: number | null;
  readonly parameters: number | null;
  readonly context: number | null;
  readonly note: string;
  /** What links call it; null where a link cannot bring it back. */
  readonly link: string | null;
  /** How far a file from disk has been read, 0..1; null once it is open. */
  readonly opening: number | null;
}

export type Phase = 'waiting' | 'download' | 'load' | 'forward' | 'lens' | 'done' | 'failed';

/** One model's part of a run. */
export interface Job {
  readonly model: string;
  readonly name: string;
  readonly phase: Phase;
  readonly done: number;
  readonly total: number;
  /** Of this model's work, 0..1. */
  readonly fraction: number;
  readonly startedAt: number | null;
}

export interface Run {
  readonly jobs: readonly Job[];
  readonly startedAt: number;
}

/** A result with what the page knows about how it came to be. */
export interface Shown {
  readonly model: string;
  readonly result: Result;
  readonly json: string | null;
  readonly milliseconds: number | null;
  readonly heap: number | null;
}

export interface Point {
  readonly model: number;
  readonly layer: number;
  readonly position: number;
}

/** What the pointer or the focus is on, in any figure. All figures mark it. */
export interface Link {
  readonly model?: number | undefined;
  readonly layer?: number | undefined;
  readonly position?: number | undefined;
  readonly state?: StateLetter | undefined;
}

export type Theme = 'auto' | 'light' | 'dark';
export type Place =
  'file' | 'text' | 'run' | 'link' | 'settings' | 'export' | 'library' | 'download' | 'check';

export interface AppState {
  readonly models: readonly ModelEntry[];
  readonly chosen: readonly string[];
  readonly text: string;
  readonly settings: Settings;
  /** Tokens of the current text, by model, where a model is loaded. */
  readonly counts: ReadonlyMap<string, number>;
  readonly run: Run | null;
  readonly shown: readonly Shown[];
  readonly origin: 'recorded' | 'measured';
  /** The text that the shown results are about. */
  readonly shownText: string;
  /** Settings changed and the shown results could not follow. */
  readonly stale: boolean;
  readonly failures: ReadonlyMap<string, Failure>;
  readonly notes: readonly string[];
  /** Models that the link names and that are not here, as links name them. */
  readonly wanted: readonly string[];
  readonly library: Library;
  /** Models held against published values, by id. */
  readonly checks: ReadonlyMap<string, Check>;
  readonly colourBy: 'state' | Shade;
  readonly link: Link;
  readonly selected: Point | null;
  readonly tab: number;
  readonly theme: Theme;
  readonly transitions: 'depth' | 'token';
  readonly announcement: string;
  /** Why the engine runs on one thread, where it does and is known. */
  readonly oneThread: string | null;
}

export function initialState(): AppState {
  return {
    models: [],
    chosen: [],
    text: '',
    settings: DEFAULTS,
    counts: new Map(),
    run: null,
    shown: [],
    origin: 'recorded',
    shownText: '',
    stale: false,
    failures: new Map(),
    notes: [],
    wanted: [],
    library: NO_LIBRARY,
    checks: new Map(),
    colourBy: 'state',
    link: {},
    selected: null,
    tab: 0,
    theme: 'auto',
    transitions: 'depth',
    announcement: '',
    oneThread: null,
  };
}

export function fileEntry(id: string, info: ModelInfo): ModelEntry {
  return {
    id,
    name: info.name,
    origin: 'file',
    bytes: info.bytes,
    layers: info.layers,
    parameters: info.parameters,
    context: info.context,
    note: `${info.arch}, ${info.weights}`,
    link: null,
    opening: null,
  };
}

export function withFailure(state: AppState, place: string, failure: Failure | null): AppState {
  const failures = new Map(state.failures);
  if (failure === null) failures.delete(place);
  else failures.set(place, failure);
  return { ...state, failures };
}

export function withJob(state: AppState, model: string, change: Partial<Job>): AppState {
  if (state.run === null) return state;
  const jobs = state.run.jobs.map((job) => (job.model === model ? { ...job, ...change } : job));
  return { ...state, run: { ...state.run, jobs } };
}

/** A new result takes the place of the same model's, or joins those of the same run. */
export function withShown(state: AppState, shown: Shown, first: boolean): AppState {
  const kept = first ? [] : state.shown.filter((other) => other.model !== shown.model);
  return {
    ...state,
    shown: [...kept, shown],
    origin: 'measured',
    ...(first ? { selected: null, tab: 0, link: {} } : {}),
  };
}

/** Milliseconds until a job is done, from its own pace; null while too little is known, or hardly any is left. */
export function timeLeft(job: Job, now: number): number | null {
  if (job.startedAt === null || job.fraction < 0.05 || job.fraction >= 1) return null;
  const elapsed = now - job.startedAt;
  const left = (elapsed / job.fraction) * (1 - job.fraction);
  return elapsed < 400 || left < 1000 ? null : left;
}
