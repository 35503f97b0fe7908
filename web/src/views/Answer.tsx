import type { JSX } from 'preact';
import { answer } from '../state/answer.ts';
import { clip } from '../state/format.ts';
import { useSelect } from './hooks.ts';

/** Two sentences in large type, the caveats below them in small. */
export function Answer(): JSX.Element {
  const shown = useSelect((state) => state.shown);
  const sentences = answer(shown.map(({ result }) => result));
  return (
    <section class="answer" aria-label="Answer">
      <Provenance />
      <p class="answer-main">{withQuietBrackets(sentences.slice(0, 2).join(' '))}</p>
      <p class="answer-notes">{sentences.slice(2).join(' ')}</p>
    </section>
  );
}

/** Intervals are there to be read second. */
function withQuietBrackets(text: string): (string | JSX.Element)[] {
  return text
    .split(/(\([^)]*\))/)
    .map((part) => (part.startsWith('(') ? <span class="interval">{part}</span> : part));
}

function Provenance(): JSX.Element {
  const origin = useSelect((state) => state.origin);
  const shownText = useSelect((state) => state.shownText);
  const pending = useSelect((state) => state.text !== state.shownText || state.stale);
  const quoted = `“${clip(shownText.trim(), 90)}”`;
  return (
    <p class="provenance">
      <span class="tag">{origin === 'recorded' ? 'Recorded example' : 'Measured here'}</span> {quoted}
      {origin === 'recorded' && ' Nothing has been computed yet.'}
      {pending && ' Press Analyze to measure what is asked above.'}
    </p>
  );
}
