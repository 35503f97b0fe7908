import type { JSX } from 'preact';
import { resume, stopFetching } from '../../app/fetch.ts';
import { sentence } from '../../state/failure.ts';
import { bytes, bytesOf, duration } from '../../state/format.ts';
import { resumeLabel, withLibrary, type Fetching } from '../../state/library.ts';
import { speedOf, timeToGo } from '../../state/pace.ts';
import { FailureNotes } from '../FailureNote.tsx';
import { usePage, useSelect } from '../hooks.ts';

/** The download that is going on or was stopped: beside the chips, whether the panel is open or not. */
export function FetchStrip(): JSX.Element {
  const fetching = useSelect((state) => state.library.fetching);
  const notes = useSelect((state) => state.library.notes);
  return (
    <>
      {fetching === null ? <Stopped /> : <Running fetching={fetching} />}
      <FailureNotes place="download" />
      {notes.map((note) => (
        <p key={note} class="note strong">
          {sentence(note)}
        </p>
      ))}
    </>
  );
}

function Running({ fetching }: { readonly fetching: Fetching }): JSX.Element {
  const page = usePage();
  const { name, done, total } = fetching;
  return (
    <div class="fetching" role="group" aria-label="Download">
      <strong>{name}</strong>
      <progress max={1} value={total === 0 ? 0 : done / total} aria-label={`Download of ${name}`} />
      <button
        type="button"
        class="small"
        aria-label={`Cancel the download of ${name}`}
        onClick={() => {
          stopFetching(page);
        }}
      >
        Cancel
      </button>
      <span class="fetching-facts">{describe(fetching)}</span>
    </div>
  );
}

function describe({ local, done, total, file, pace }: Fetching): string {
  const speed = speedOf(pace);
  const left = timeToGo(pace, total);
  return [
    `${local ? 'reading' : 'fetching'} ${bytesOf(done, total)}`,
    speed === null ? null : `${bytes(Math.round(speed))}/s`,
    left === null || left < 1000 ? null : `about ${duration(left)} left`,
    file === '' ? null : file,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

function Stopped(): JSX.Element | null {
  const page = usePage();
  const stopped = useSelect(({ library: { stopped: key, facts } }) =>
    facts?.partial.find((partial) => partial.key === key),
  );
  if (stopped === undefined) return null;
  const { name, reference, done, total } = stopped;
  return (
    <div class="fetching" role="group" aria-label="Stopped download">
      <strong>{name}</strong>
      <progress max={1} value={done / total} aria-label={`Fetched of ${name}`} />
      {reference !== null && (
        <button type="button" class="small" onClick={() => void resume(page, stopped)}>
          {resumeLabel(done, total)}
        </button>
      )}
      <button
        type="button"
        class="quiet small"
        aria-label={`Put ${name} aside; it stays in the list of what is stored`}
        onClick={() => {
          page.store.set((state) => withLibrary(state, { stopped: null }));
        }}
      >
        ×
      </button>
      <span class="fetching-facts">stopped; what was fetched is kept</span>
    </div>
  );
}
