import type { JSX } from 'preact';
import { fetchRemote, resume } from '../../app/fetch.ts';
import { amount, bytes, plural } from '../../state/format.ts';
import { keptSize, partialOf, remoteLabel, resumeLabel, storedOf, type Remote } from '../../state/library.ts';
import { usePage, useSelect } from '../hooks.ts';
import { UseButton } from './UseButton.tsx';

/** The models of the catalogue, one row each, their sizes drawn on one scale. */
export function CatalogueList(): JSX.Element {
  const { remotes } = usePage();
  const largest = Math.max(...remotes.map(({ download }) => download ?? 0));
  return (
    <section class="catalogue" aria-labelledby="catalogue-title">
      <h2 id="catalogue-title">From the Hugging Face Hub</h2>
      <p class="sub">The bar is what is fetched, its filled part what is kept, all on one scale.</p>
      <ul>
        {remotes.map((remote) => (
          <Row key={remote.id} remote={remote} largest={largest} />
        ))}
      </ul>
    </section>
  );
}

function Row({ remote, largest }: { readonly remote: Remote; readonly largest: number }): JSX.Element {
  const { name, family, layers, parameters, context, licence, restriction, gated, mirror } = remote;
  return (
    <li>
      <p class="remote-name">
        <strong>{name}</strong> <span class="muted">{family}</span>
      </p>
      <p class="remote-facts">
        {plural(layers, 'layer')} · {amount(parameters)} parameters · {context} tokens
      </p>
      <p class="remote-licence">
        {licence}
        {restriction !== null && <span class="warn"> {restriction}</span>}
        {gated && <span class="warn"> {mirror === null ? 'gated' : `gated; also at ${mirror.id}`}</span>}
      </p>
      <Sizes remote={remote} largest={largest} />
      <RemoteButton remote={remote} />
    </li>
  );
}

function Sizes({ remote, largest }: { readonly remote: Remote; readonly largest: number }): JSX.Element {
  const storedAs = useSelect((state) => state.library.storedAs);
  const { download } = remote;
  const kept = keptSize(remote, storedAs);
  const width = (size: number): string => `${(100 * size) / largest}%`;
  return (
    <div class="remote-sizes">
      <svg width="100%" height="8" aria-hidden="true">
        <rect class="size-fetched" width={width(download ?? 0)} height="8" />
        <rect class="size-kept" width={width(kept)} height="8" />
      </svg>
      <span>keeps about {bytes(kept)}</span>
    </div>
  );
}

function RemoteButton({ remote }: { readonly remote: Remote }): JSX.Element {
  const page = usePage();
  const facts = useSelect((state) => state.library.facts);
  const fetching = useSelect((state) => state.library.fetching);
  const looking = useSelect((state) => state.library.looking);
  const stored = storedOf(remote, facts);
  if (stored !== null) return <UseButton id={stored.key} name={remote.name} />;
  const partial = partialOf(remote, facts);
  const label = partial === null ? remoteLabel(remote) : resumeLabel(partial.done, partial.total);
  return (
    <button
      type="button"
      aria-label={`${label}: ${remote.name}`}
      disabled={fetching !== null || looking === remote.name}
      onClick={() => void (partial === null ? fetchRemote(page, remote) : resume(page, partial))}
    >
      {label}
    </button>
  );
}
