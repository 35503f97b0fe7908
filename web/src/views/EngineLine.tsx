import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { saveCsv, saveJson } from '../app/export.ts';
import type { Shown } from '../state/app.ts';
import { bytes, duration, plural } from '../state/format.ts';
import { CheckView } from './CheckView.tsx';
import { usePage, useSelect } from './hooks.ts';
import { ModelName } from './ModelName.tsx';

export function EngineLine(): JSX.Element {
  const page = usePage();
  const shown = useSelect((state) => state.shown);
  const origin = useSelect((state) => state.origin);
  const oneThread = useSelect((state) => state.oneThread);
  return (
    <footer class="engine" aria-label="Engine">
      <ul>
        {shown.map((one, index) => (
          <li key={one.model}>
            <ModelName name={one.result.model.name} index={index} /> <span>{facts(one, origin)}</span>{' '}
            <Digest value={one.result.digest} />
            {one.json !== null && (
              <button type="button" class="small" onClick={() => void saveCsv(page, one)}>
                Save CSV
              </button>
            )}
            {one.json !== null && <CheckView id={one.model} />}
          </li>
        ))}
      </ul>
      <p class="engine-export">
        <button
          type="button"
          onClick={() => {
            saveJson(shown);
          }}
        >
          Save JSON
        </button>
        <span class="muted">
          {origin === 'recorded'
            ? 'The example as it was recorded. CSV of every point comes with a measured result.'
            : 'Every number in full precision. Figures have their own buttons.'}
        </span>
      </p>
      {oneThread !== null && <p class="muted">One thread: {oneThread}.</p>}
    </footer>
  );
}

function facts({ result, milliseconds, heap }: Shown, origin: 'recorded' | 'measured'): string {
  const { kernel, threads, version } = result.engine;
  const engine = `kernel ${kernel}, ${plural(threads, 'thread')}`;
  if (origin === 'recorded') return `recorded natively, ${engine}, version ${version}`;
  const parts = [engine];
  if (milliseconds !== null) parts.push(duration(milliseconds));
  if (heap !== null) parts.push(`${bytes(heap)} of memory in the engine`);
  return parts.join(', ');
}

function Digest({ value }: { readonly value: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      setTimeout(() => {
        setCopied(false);
      }, 2000);
    } catch {
      setCopied(false);
    }
  };
  return (
    <span class="digest">
      digest{' '}
      <code title={value} data-digest={value}>
        {value.slice(0, 12)}…
      </code>{' '}
      <button type="button" class="small" onClick={() => void copy()} aria-label="Copy the whole digest">
        {copied ? 'Copied' : 'Copy'}
      </button>
    </span>
  );
}
