import { describe, expect, it } from 'vitest';
import {
  initialState,
  timeLeft,
  withFailure,
  withJob,
  withShown,
  type Job,
  type Shown,
} from '@web/state/app.ts';
import { createStore } from '@web/state/store.ts';
import { resultWith } from './support/result.ts';

const JOB: Job = { model: 'a', name: 'A', phase: 'lens', done: 1, total: 4, fraction: 0.25, startedAt: 0 };

function shown(model: string): Shown {
  return { model, result: resultWith({ name: model }), json: '{}', milliseconds: 1, heap: 1 };
}

describe('the state', () => {
  it('replaces the recorded example with the first result of a run and adds the others', () => {
    const start = { ...initialState(), selected: { model: 0, layer: 1, position: 1 }, shown: [shown('old')] };
    const first = withShown(start, shown('a'), true);
    expect(first).toMatchObject({ origin: 'measured', selected: null });
    const second = withShown(first, shown('b'), false);
    expect(second.shown.map(({ model }) => model)).toEqual(['a', 'b']);
    expect(withShown(second, shown('a'), false).shown.map(({ model }) => model)).toEqual(['b', 'a']);
  });

  it('changes one job of a run, and nothing when there is no run', () => {
    const state = { ...initialState(), run: { jobs: [JOB, { ...JOB, model: 'b' }], startedAt: 0 } };
    const { run } = withJob(state, 'b', { done: 2 });
    expect(run?.jobs.map(({ done }) => done)).toEqual([1, 2]);
    const idle = initialState();
    expect(withJob(idle, 'b', { done: 2 })).toBe(idle);
  });

  it('keeps one failure per place', () => {
    const failure = { what: 'a', why: 'b', todo: 'c' };
    const state = withFailure(initialState(), 'file', failure);
    expect(state.failures.get('file')).toBe(failure);
    expect(withFailure(state, 'file', null).failures.size).toBe(0);
  });
});

describe('the time left', () => {
  it('follows from the pace so far', () => {
    expect(timeLeft(JOB, 1000)).toBe(3000);
  });

  it('is not said before it is known, or when hardly any is left', () => {
    expect(timeLeft({ ...JOB, startedAt: null }, 1000)).toBeNull();
    expect(timeLeft({ ...JOB, fraction: 0.01 }, 1000)).toBeNull();
    expect(timeLeft(JOB, 100)).toBeNull();
    expect(timeLeft({ ...JOB, fraction: 0.9 }, 1000)).toBeNull();
  });
});

describe('the store', () => {
  it('tells its listeners of changes, and of nothing else', () => {
    const store = createStore({ a: 1 });
    let heard = 0;
    const stop = store.subscribe(() => {
      heard += 1;
    });
    store.set({ a: 2 });
    store.set((state) => state);
    expect(heard).toBe(1);
    stop();
    store.set({ a: 3 });
    expect(heard).toBe(1);
    expect(store.get()).toEqual({ a: 3 });
  });
});
