import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { removeStored, resume } from '../../app/fetch.ts';
import type { PartialModel, StoredModel } from '../../download/protocol.ts';
import { bytes, bytesOf, day } from '../../state/format.ts';
import { resumeLabel, storeLine } from '../../state/library.ts';
import { usePage, useSelect } from '../hooks.ts';
import { UseButton } from './UseButton.tsx';

/** What the browser keeps for this page, and what was left half-way. */
export function StoredList(): JSX.Element | null {
  const facts = useSelect((state) => state.library.facts);
  if (facts === null) return null;
  const { models, partial } = facts;
  return (
    <section class="stored" aria-labelledby="stored-title">
      <h2 id="stored-title">{facts.where === 'memory' ? 'Held in memory' : 'Kept in this browser'}</h2>
      <p class="sub">{storeLine(facts)}</p>
      <ul>
        {models.map((model) => (
          <StoredRow key={model.key} model={model} />
        ))}
        {partial.map((one) => (
          <PartialRow key={one.key} partial={one} />
        ))}
      </ul>
    </section>
  );
}

function StoredRow({ model }: { readonly model: StoredModel }): JSX.Element {
  const { key, name, from, licence, at } = model;
  return (
    <li>
      <p class="stored-name">
        <strong>{name}</strong> <span class="muted">{bytes(model.bytes)}</span>
      </p>
      <p class="stored-facts">
        {from}
        {licence !== null && ` · ${licence}`} · {day(at)}
      </p>
      <UseButton id={key} name={name} />
      <Delete id={key} name={name} size={model.bytes} />
    </li>
  );
}

function PartialRow({ partial }: { readonly partial: PartialModel }): JSX.Element {
  const page = usePage();
  const { key, name, from, reference, done, total } = partial;
  const busy = useSelect((state) => state.library.fetching !== null);
  return (
    <li>
      <p class="stored-name">
        <strong>{name}</strong> <span class="muted">unfinished</span>
      </p>
      <p class="stored-facts">
        {from} · {bytesOf(done, total)} here
        {reference === null && '; choose the files again to go on'}
      </p>
      {reference === null ? (
        <span />
      ) : (
        <button
          type="button"
          aria-label={`${resumeLabel(done, total)}: ${name}`}
          disabled={busy}
          onClick={() => void resume(page, partial)}
        >
          {resumeLabel(done, total)}
        </button>
      )}
      <Delete id={key} name={name} size={partial.bytes} />
    </li>
  );
}

/** Asks once more, because what is deleted has to be fetched again. */
function Delete({ id, name, size }: { id: string; name: string; size: number }): JSX.Element {
  const page = usePage();
  const [asked, setAsked] = useState(false);
  const busy = useSelect((state) => state.run !== null || state.library.fetching?.key === id);
  return (
    <button
      type="button"
      class={asked ? 'alarm' : ''}
      aria-label={`${asked ? `Delete ${bytes(size)} for good` : 'Delete'}: ${name}`}
      disabled={busy}
      onClick={() => {
        if (asked) void removeStored(page, id, name);
        else setAsked(true);
      }}
      onBlur={() => {
        setAsked(false);
      }}
    >
      {asked ? `Delete ${bytes(size)} for good` : 'Delete'}
    </button>
  );
}
