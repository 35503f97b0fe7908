import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { fetchOffer } from '../../app/fetch.ts';
import { sentence } from '../../state/failure.ts';
import { amount, bytes, plural } from '../../state/format.ts';
import { fetchLabel, withLibrary, type ShownOffer } from '../../state/library.ts';
import { usePage, useSelect } from '../hooks.ts';
import { MemoryBar } from './MemoryBar.tsx';
import { UseButton } from './UseButton.tsx';

/** A model that was looked up: everything to know before a button is pressed that names the size. */
export function OfferView({ shown }: { readonly shown: ShownOffer }): JSX.Element {
  const page = usePage();
  const { offer, info, memory } = shown;
  const section = useRef<HTMLElement>(null);
  const here = useSelect((state) => state.models.some(({ id }) => id === offer.key));
  useEffect(() => {
    section.current?.focus();
  }, []);
  return (
    <section ref={section} class="offer" tabIndex={-1} aria-label={`Offer: ${offer.name}`}>
      <div class="offer-head">
        <h2>{offer.name}</h2>
        <p class="sub">
          {offer.from}; licence: {offer.licence ?? 'not stated'}
        </p>
      </div>
      <p class="offer-facts">
        {[
          info.arch,
          plural(info.layers, 'layer'),
          `${amount(info.parameters)} parameters`,
          `context ${info.context} tokens`,
          `vocabulary ${info.vocab}`,
          `weights ${info.weights}`,
        ].join(' · ')}
      </p>
      <MemoryBar memory={memory} />
      {offer.notes.map((note) => (
        <p key={note} class="note">
          {sentence(note)}
        </p>
      ))}
      {memory.fits === 'no' && (
        <p class="offer-refused" role="alert">
          <strong>{offer.name} does not fit.</strong> {memory.sentence} Nothing of its weights was fetched.
          Choose a smaller model or type, or use the command line.
        </p>
      )}
      <div class="offer-actions">
        {here ? <UseButton id={offer.key} name={offer.name} /> : <FetchButton shown={shown} />}
        <button
          type="button"
          onClick={() => {
            page.store.set((state) => withLibrary(state, { offer: null }));
          }}
        >
          {memory.fits === 'no' ? 'Close' : 'Not now'}
        </button>
        <span class="note">{sizes(shown)}</span>
      </div>
    </section>
  );
}

function FetchButton({ shown }: { readonly shown: ShownOffer }): JSX.Element | null {
  const page = usePage();
  const busy = useSelect((state) => state.library.fetching !== null);
  if (shown.memory.fits === 'no') return null;
  return (
    <button type="button" class="primary" disabled={busy} onClick={() => void fetchOffer(page, shown)}>
      {fetchLabel(shown)}
    </button>
  );
}

function sizes({ offer, reference }: ShownOffer): string {
  const { files, download, stored } = offer;
  const way = reference.kind === 'files' ? 'read from disk' : 'fetched';
  return `${bytes(download)} ${way} in ${plural(files.length, 'file')}, ${bytes(stored)} kept`;
}
