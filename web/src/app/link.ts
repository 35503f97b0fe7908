/** Keeps the URL fragment and the state in step. */
import { withFailure, type AppState } from '../state/app.ts';
import { readFragment, writeFragment } from '../state/fragment.ts';
import type { Page } from './page.ts';

/** The ask that a fragment describes, over `state`. Nothing is fetched or computed because of it. */
export function applyFragment(state: AppState, fragment: string): AppState {
  const known = state.models.filter(({ origin }) => origin === 'builtin').map(({ id }) => id);
  const reading = readFragment(fragment, known);
  if (reading.kind === 'empty') return state;
  if (reading.kind === 'refused') {
    const todo = 'The recorded example is shown instead.';
    return withFailure(state, 'link', { what: 'The link was not followed.', why: reading.reason, todo });
  }
  const { models, text, settings } = reading.view;
  return {
    ...state,
    chosen: models.length > 0 ? models : state.chosen,
    text: text ?? state.text,
    settings,
    stale: state.stale || settings !== state.settings,
    notes: reading.notes,
  };
}

export function followState({ store }: Page): void {
  let written = '';
  store.subscribe(() => {
    const { chosen, models, text, settings } = store.get();
    const linkable = chosen.filter((id) =>
      models.some((entry) => entry.id === id && entry.origin === 'builtin'),
    );
    const fragment =
      writeFragment({ models: linkable, text, settings }) ??
      writeFragment({ models: linkable, text: null, settings });
    if (fragment === null || fragment === written) return;
    written = fragment;
    history.replaceState(null, '', `#${fragment}`);
  });
}
