import type { JSX } from 'preact';
import { analyse } from '../app/analyse.ts';
import { withFailure } from '../state/app.ts';
import { usePage, useSelect } from './hooks.ts';

/** The failures of a place, beside the thing that failed. `place` also covers `place:<model>`. */
export function FailureNotes({ place }: { readonly place: string }): JSX.Element {
  const page = usePage();
  const failures = useSelect((state) => state.failures);
  const here = [...failures].filter(([key]) => key === place || key.startsWith(`${place}:`));
  return (
    <div class="failures" role="alert">
      {here.map(([key, { what, why, todo, cutTo }]) => (
        <div class="failure" key={key}>
          <p>
            <strong>{what}</strong> {why} {todo}
          </p>
          {cutTo !== undefined && (
            <button type="button" onClick={() => void analyse(page, true)}>
              Cut to {cutTo} tokens
            </button>
          )}
          <button
            type="button"
            class="quiet"
            aria-label="Dismiss this message"
            onClick={() => {
              page.store.set((state) => withFailure(state, key, null));
            }}
          >
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
