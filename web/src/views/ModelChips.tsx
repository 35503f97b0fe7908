import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { closeModel, openFiles } from '../app/files.ts';
import { countTokensSoon } from '../app/tokens.ts';
import type { ModelEntry } from '../state/app.ts';
import { amount, bytes, percent, plural } from '../state/format.ts';
import { usePage, useSelect } from './hooks.ts';

export function ModelChips(): JSX.Element {
  const models = useSelect((state) => state.models);
  return (
    <div class="chips" role="group" aria-label="Models">
      {models.map((entry) => (
        <Chip key={entry.id} entry={entry} />
      ))}
      <OpenFile />
    </div>
  );
}

function Chip({ entry }: { readonly entry: ModelEntry }): JSX.Element {
  const page = usePage();
  const chosen = useSelect((state) => state.chosen.includes(entry.id));
  const running = useSelect((state) => state.run !== null);
  const toggle = (): void => {
    page.store.set(({ chosen: before, ...state }) => ({
      ...state,
      chosen: chosen ? before.filter((id) => id !== entry.id) : [...before, entry.id],
    }));
    countTokensSoon(page);
  };
  return (
    <span class="chip-holder">
      <button
        type="button"
        class="chip"
        aria-pressed={chosen}
        disabled={entry.opening !== null || running}
        onClick={toggle}
        title={entry.note}
      >
        <span class="chip-tick" aria-hidden="true">
          {chosen ? '✓' : '+'}
        </span>
        <span class="chip-name">{entry.name}</span>
        <span class="chip-facts">{facts(entry)}</span>
      </button>
      {entry.origin === 'file' && (
        <button
          type="button"
          class="chip-close"
          disabled={running}
          aria-label={`${entry.opening === null ? 'Close' : 'Stop opening'} ${entry.name}`}
          onClick={() => {
            closeModel(page, entry.id);
          }}
        >
          ×
        </button>
      )}
    </span>
  );
}

function facts({ opening, origin, layers, parameters, bytes: size }: ModelEntry): string {
  if (opening !== null) return `${bytes(size)}, opening: ${percent(opening)}`;
  const parts = [
    layers === null ? null : plural(layers, 'layer'),
    parameters === null ? null : `${amount(parameters)} parameters`,
    origin === 'builtin' ? `built in, ${bytes(size)}` : `from disk, ${bytes(size)}`,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

function OpenFile(): JSX.Element {
  const page = usePage();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="chip chip-open" onClick={() => input.current?.click()}>
        <span class="chip-name">Open a .gguf file…</span>
        <span class="chip-facts">or drop one on the page; it stays on this machine</span>
      </button>
      <input
        ref={input}
        class="sr-only"
        type="file"
        tabIndex={-1}
        aria-label="Model file"
        multiple
        onChange={(event) => {
          const { files } = event.currentTarget;
          if (files !== null) void openFiles(page, [...files]);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
