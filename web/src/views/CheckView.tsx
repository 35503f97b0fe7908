import type { JSX } from 'preact';
import { answersFor, check } from '../app/check.ts';
import { percent } from '../state/format.ts';
import { isOutcome, verdictLine, worstLine } from '../state/check.ts';
import { FailureNotes } from './FailureNote.tsx';
import { usePage, useSelect } from './hooks.ts';

/** For models that have published values: a button, then the outcome in one line, with its worst cell below. */
export function CheckView({ id }: { readonly id: string }): JSX.Element | null {
  const page = usePage();
  const known = useSelect((state) => answersFor(state, id));
  const outcome = useSelect((state) => state.checks.get(id));
  const running = useSelect((state) => state.run !== null);
  if (known === null) return null;
  const busy = outcome !== undefined && !isOutcome(outcome);
  return (
    <>
      <button type="button" class="small" disabled={busy || running} onClick={() => void check(page, id)}>
        {busy ? `Checking, ${percent(outcome.fraction)}` : 'Check against published values'}
      </button>
      {outcome !== undefined && isOutcome(outcome) && (
        <details class={outcome.pass ? 'check' : 'check check-failed'}>
          <summary>
            <strong>{outcome.pass ? 'Pass' : 'Fail'}</strong> {verdictLine(outcome)}
          </summary>
          <p class="note">{worstLine(outcome) ?? 'There is no cell to compare.'}</p>
        </details>
      )}
      <FailureNotes place={`check:${id}`} />
    </>
  );
}
