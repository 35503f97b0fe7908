import type { JSX } from 'preact';
import { toggleModel } from '../app/choose.ts';
import { fetchWanted, toggleLibrary } from '../app/fetch.ts';
import { closeModel } from '../app/files.ts';
import type { ModelEntry } from '../state/app.ts';
import { amount, bytes, percent, plural } from '../state/format.ts';
import { remoteLabel } from '../state/library.ts';
import { usePage, useSelect } from './hooks.ts';

export function ModelChips(): JSX.Element {
  const models = useSelect((state) => state.models);
  const wanted = useSelect((state) => state.wanted);
  return (
    <div class="chips" role="group" aria-label="Models">
      {models.map((entry) => (
        <Chip key={entry.id} entry={entry} />
      ))}
      {wanted.map((link) => (
        <WantedChip key={link} link={link} />
      ))}
      <MoreModels />
    </div>
  );
}

function Chip({ entry }: { readonly entry: ModelEntry }): JSX.Element {
  const page = usePage();
  const chosen = useSelect((state) => state.chosen.includes(entry.id));
  const running = useSelect((state) => state.run !== null);
  return (
    <span class="chip-holder">
      <button
        type="button"
        class="chip"
        aria-pressed={chosen}
        disabled={entry.opening !== null || running}
        onClick={() => {
          toggleModel(page, entry.id);
        }}
        title={entry.note}
      >
        <span class="chip-tick" aria-hidden="true">
          {chosen ? '✓' : '+'}
        </span>
        <span class="chip-name">{entry.name}</span>
        <span class="chip-facts">{facts(entry)}</span>
      </button>
      {(entry.origin === 'file' || entry.origin === 'memory') && (
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

const WHERE: Readonly<Record<ModelEntry['origin'], string>> = {
  builtin: 'built in',
  file: 'from disk',
  stored: 'stored here',
  memory: 'not kept',
};

function facts({ opening, origin, layers, parameters, bytes: size }: ModelEntry): string {
  if (opening !== null) return `${bytes(size)}, opening: ${percent(opening)}`;
  const parts = [
    layers === null ? null : plural(layers, 'layer'),
    parameters === null ? null : `${amount(parameters)} parameters`,
    `${WHERE[origin]}, ${bytes(size)}`,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

/** A model that the link names and that is not here: nothing is fetched before this is pressed. */
function WantedChip({ link }: { readonly link: string }): JSX.Element {
  const page = usePage();
  const remote = page.remotes.find(({ id }) => id === link);
  const busy = useSelect(({ library }) => library.fetching !== null || library.looking !== null);
  return (
    <button type="button" class="chip chip-open" disabled={busy} onClick={() => void fetchWanted(page, link)}>
      <span class="chip-name">{remote?.name ?? link}</span>
      <span class="chip-facts">
        {remote === undefined ? 'Look up: named by the link' : `${remoteLabel(remote)}: named by the link`}
      </span>
    </button>
  );
}

function MoreModels(): JSX.Element {
  const page = usePage();
  const open = useSelect((state) => state.library.open);
  return (
    <button
      type="button"
      class="chip chip-open"
      aria-expanded={open}
      aria-controls="library"
      onClick={() => {
        toggleLibrary(page);
      }}
    >
      <span class="chip-name">More models…</span>
      <span class="chip-facts">from Hugging Face, from disk, or stored here</span>
    </button>
  );
}
