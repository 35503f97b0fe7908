/** Keeps the URL fragment and the state in step. */
import { withFailure, type AppState } from '../state/app.ts';
import { readFragment, writeFragment } from '../state/fragment.ts';
import { canonicalName, withLinked, type Remote } from '../state/library.ts';
import type { Page } from './page.ts';

/**
 * The ask that a fragment describes, over `state`. Nothing is fetched or computed because of it: models that are not
 * here are noted as wanted, and a button names their size.
 */
export function applyFragment(state: AppState, fragment: string, remotes: readonly Remote[]): AppState {
  const here = new Set(state.models.flatMap(({ link }) => (link === null ? [] : [link])));
  const nameOf = (name: string): string | null => (here.has(name) ? name : canonicalName(name, remotes));
  const reading = readFragment(fragment, (name) => nameOf(name) !== null);
  if (reading.kind === 'empty') return state;
  if (reading.kind === 'refused') {
    const todo = 'The recorded example is shown instead.';
    return withFailure(state, 'link', { what: 'The link was not followed.', why: reading.reason, todo });
  }
  const { models, text, settings } = reading.view;
  return withLinked({
    ...state,
    chosen: models.length > 0 ? [] : state.chosen,
    wanted: models.map(nameOf).filter((name) => name !== null),
    text: text ?? state.text,
    settings,
    stale: state.stale || settings !== state.settings,
    notes: reading.notes,
  });
}

export function followState({ store }: Page): void {
  let written = '';
  store.subscribe(() => {
    const { chosen, models, text, settings, wanted } = store.get();
    const links = chosen.map((id) => models.find((entry) => entry.id === id)?.link ?? null);
    const named = [...new Set([...links.filter((link) => link !== null), ...wanted])];
    const fragment =
      writeFragment({ models: named, text, settings }) ??
      writeFragment({ models: named, text: null, settings });
    if (fragment === null || fragment === written) return;
    written = fragment;
    history.replaceState(null, '', `#${fragment}`);
  });
}
