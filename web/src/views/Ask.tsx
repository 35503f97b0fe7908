import type { JSX } from 'preact';
import { analyse, cancel } from '../app/analyse.ts';
import { countTokensSoon } from '../app/tokens.ts';
import type { AppState } from '../state/app.ts';
import { plural } from '../state/format.ts';
import { FailureNotes } from './FailureNote.tsx';
import { usePage, useSelect } from './hooks.ts';
import { FetchStrip } from './library/FetchStrip.tsx';
import { Library } from './library/Library.tsx';
import { ModelChips } from './ModelChips.tsx';
import { Progress } from './Progress.tsx';
import { SettingsPanel } from './SettingsPanel.tsx';

export function Ask(): JSX.Element {
  const page = usePage();
  const running = useSelect((state) => state.run !== null);
  return (
    <section class="ask" aria-label="Ask">
      <FailureNotes place="link" />
      <LinkNotes />
      <ModelChips />
      <FetchStrip />
      <FailureNotes place="file" />
      <Library />
      <form
        class="ask-form"
        onSubmit={(event) => {
          event.preventDefault();
          void analyse(page);
        }}
      >
        <TextBox />
        {running ? (
          <button
            type="button"
            class="primary"
            onClick={() => {
              cancel(page);
            }}
          >
            Cancel
          </button>
        ) : (
          <button type="submit" class="primary">
            Analyze
          </button>
        )}
      </form>
      <FailureNotes place="text" />
      <FailureNotes place="run" />
      <Progress />
      <SettingsPanel />
    </section>
  );
}

function LinkNotes(): JSX.Element | null {
  const notes = useSelect((state) => state.notes);
  return notes.length === 0 ? null : <p class="note">{notes.join(' ')}</p>;
}

function TextBox(): JSX.Element {
  const page = usePage();
  const text = useSelect((state) => state.text);
  return (
    <div class="textbox">
      <label for="text">Text</label>
      <textarea
        id="text"
        rows={1}
        value={text}
        spellcheck={false}
        aria-describedby="text-count"
        onInput={(event) => {
          page.store.set({ text: event.currentTarget.value, counts: new Map() });
          countTokensSoon(page);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void analyse(page);
        }}
      />
      <TokenCount />
    </div>
  );
}

function TokenCount(): JSX.Element {
  const page = usePage();
  const state = {
    text: useSelect(({ text }) => text),
    models: useSelect(({ models }) => models),
    counts: useSelect(({ counts }) => counts),
    settings: useSelect(({ settings }) => settings),
  };
  const idle = useSelect(({ run, failures }) => run === null && !failures.has('text'));
  const over = tooLong(state);
  return (
    <p class={over === null ? 'count' : 'count over'} id="text-count">
      {countLine(state)}
      {over !== null && idle && (
        <button type="button" class="small" onClick={() => void analyse(page, true)}>
          Cut to {over} tokens
        </button>
      )}
    </p>
  );
}

type Counted = Pick<AppState, 'text' | 'models' | 'counts' | 'settings'>;

function countLine({ text, models, counts }: Counted): string {
  const characters = plural(Array.from(text).length, 'character');
  const each = [...counts].map(([id, count]) => {
    const entry = models.find((model) => model.id === id);
    return entry === undefined || entry.context === null
      ? null
      : { name: entry.name, count, context: entry.context };
  });
  const known = each.filter((one) => one !== null);
  const [first] = known;
  if (first === undefined) return characters;
  if (known.every(({ count, context }) => count === first.count && context === first.context))
    return `${characters}, ${plural(first.count, 'token')} of at most ${first.context}`;
  return `${characters}; ${known.map(({ name, count, context }) => `${name}: ${count} of at most ${context} tokens`).join(', ')}`;
}

/** The smallest context that the text does not fit, where that is known before a run. A window lifts the limit. */
function tooLong({ models, counts, settings }: Counted): number | null {
  if (settings.window > 0) return null;
  const limits = models.flatMap(({ id, context }) =>
    context !== null && (counts.get(id) ?? 0) > context ? [context] : [],
  );
  return limits.length === 0 ? null : Math.min(...limits);
}
