import type { JSX } from 'preact';
import { toggleModel } from '../../app/choose.ts';
import { usePage, useSelect } from '../hooks.ts';

/** Chooses a model that is here, or lets it go. */
export function UseButton({ id, name }: { readonly id: string; readonly name: string }): JSX.Element {
  const page = usePage();
  const chosen = useSelect((state) => state.chosen.includes(id));
  const running = useSelect((state) => state.run !== null);
  return (
    <button
      type="button"
      aria-pressed={chosen}
      aria-label={`${chosen ? 'In use' : 'Use'}: ${name}`}
      disabled={running}
      onClick={() => {
        toggleModel(page, id);
      }}
    >
      {chosen ? 'In use' : 'Use'}
    </button>
  );
}
