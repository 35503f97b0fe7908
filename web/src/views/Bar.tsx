import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { rememberTheme, showTheme } from '../app/theme.ts';
import type { Theme } from '../state/app.ts';
import { Help } from './Help.tsx';
import { usePage, useSelect } from './hooks.ts';

export function Bar(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <header class="bar">
      <h1>
        <Mark />
        Logitscope
      </h1>
      <p class="tagline">How a language model makes up its mind, layer by layer</p>
      <div class="bar-tools">
        <button type="button" class="quiet" onClick={() => dialog.current?.showModal()}>
          How to read this
        </button>
        <ThemeSwitch />
      </div>
      <Help dialog={dialog} />
    </header>
  );
}

/** Three layers and the step of a commit line. */
function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M2 5h20M2 12h20M2 19h20" class="mark-layers" />
      <path d="M2 19h7v-7h7v-7h6" class="mark-step" />
    </svg>
  );
}

function ThemeSwitch(): JSX.Element {
  const { store } = usePage();
  const theme = useSelect((state) => state.theme);
  return (
    <label class="theme">
      <span class="sr-only">Theme</span>
      <select
        value={theme}
        onChange={(event) => {
          const next = event.currentTarget.value as Theme;
          showTheme(next);
          store.set({ theme: next });
          rememberTheme(next);
        }}
      >
        <option value="auto">Theme: auto</option>
        <option value="light">Theme: light</option>
        <option value="dark">Theme: dark</option>
      </select>
    </label>
  );
}
