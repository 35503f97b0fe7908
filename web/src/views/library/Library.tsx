/** The panel of models that are not part of the page: looked up, opened from disk, offered, stored. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { picked } from '../../app/dropped.ts';
import { openPicked } from '../../app/files.ts';
import { changeStoredAs, lookUpTyped, stopLookUp } from '../../app/look-up.ts';
import type { StoredAs } from '../../download/protocol.ts';
import { DEFAULT_STORED_AS, STORED_AS } from '../../state/reference.ts';
import { FailureNotes } from '../FailureNote.tsx';
import { usePage, useSelect } from '../hooks.ts';
import { CatalogueList } from './CatalogueList.tsx';
import { GateForm } from './GateForm.tsx';
import { OfferView } from './OfferView.tsx';
import { StoredList } from './StoredList.tsx';

export function Library(): JSX.Element | null {
  const open = useSelect((state) => state.library.open);
  const offer = useSelect((state) => state.library.offer);
  const gate = useSelect((state) => state.library.gate);
  if (!open) return null;
  return (
    <section id="library" class="library" aria-label="More models">
      <div class="library-ways">
        <LookUpForm />
        <FromDisk />
      </div>
      <StoredAsChoice />
      <FailureNotes place="library" />
      <Looking />
      {gate !== null && <GateForm gate={gate} />}
      {offer !== null && <OfferView key={offer.offer.key} shown={offer} />}
      <CatalogueList />
      <StoredList />
    </section>
  );
}

function LookUpForm(): JSX.Element {
  const page = usePage();
  const [typed, setTyped] = useState('');
  return (
    <form
      class="look-up"
      onSubmit={(event) => {
        event.preventDefault();
        void lookUpTyped(page, typed);
      }}
    >
      <label for="hub-id">Hugging Face id or URL</label>
      <input
        id="hub-id"
        type="text"
        value={typed}
        placeholder="openai-community/gpt2"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
        }}
      />
      <button type="submit">Look up</button>
      <p class="note">Fetches small files and headers only; what comes next is asked first.</p>
    </form>
  );
}

/** Not in Preact's types, because no standard has it; every browser does. */
const FOLDER = { webkitdirectory: true };

/** A picker that opens only by the button beside it. */
function Picker({ label, folder }: { readonly label: string; readonly folder: boolean }): JSX.Element {
  const page = usePage();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        class="sr-only"
        type="file"
        tabIndex={-1}
        aria-label={folder ? 'Model folder' : 'Model file'}
        multiple
        {...(folder ? FOLDER : {})}
        onChange={(event) => {
          const { files } = event.currentTarget;
          if (files !== null) void openPicked(page, picked(files));
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}

function FromDisk(): JSX.Element {
  return (
    <div class="from-disk" role="group" aria-labelledby="from-disk">
      <p id="from-disk">From this machine</p>
      <Picker label="Open files…" folder={false} />
      <Picker label="Open folder…" folder />
      <p class="note">
        A .gguf, its shards, or a folder of safetensors; or drop them anywhere on the page. They stay here.
      </p>
    </div>
  );
}

const ABOUT_TYPE: Readonly<Record<StoredAs, string>> = {
  q8_0: 'Q8_0: 8 bits and a scale for 32 weights, a quarter of float32',
  f16: 'F16: half of float32',
  f32: 'F32: as trained, four bytes for each weight',
};

function StoredAsChoice(): JSX.Element {
  const page = usePage();
  const storedAs = useSelect((state) => state.library.storedAs);
  return (
    <details class="stored-as">
      <summary>
        Stored type
        <span class="settings-now">
          {storedAs === DEFAULT_STORED_AS ? 'default: Q8_0' : `changed: ${storedAs.toUpperCase()}`}
        </span>
      </summary>
      <fieldset>
        <legend class="note">
          How the matrices of a float checkpoint are kept. A .gguf keeps the types that it has.
        </legend>
        {STORED_AS.map((type) => (
          <label key={type}>
            <input
              type="radio"
              name="stored-as"
              checked={type === storedAs}
              onChange={() => void changeStoredAs(page, type)}
            />{' '}
            {ABOUT_TYPE[type]}
          </label>
        ))}
      </fieldset>
    </details>
  );
}

function Looking(): JSX.Element | null {
  const page = usePage();
  const looking = useSelect((state) => state.library.looking);
  if (looking === null) return null;
  return (
    <p class="looking">
      Looking up {looking}…{' '}
      <button
        type="button"
        class="small"
        onClick={() => {
          stopLookUp(page);
        }}
      >
        Stop
      </button>
    </p>
  );
}
