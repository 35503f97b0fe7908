/** Keys to the grid's colours: five states with their shares, or a ramp with its scale. */
import type { JSX } from 'preact';
import { ramp, rampKind, STATE_COLOUR, inkOn } from '../state/colour.ts';
import { sig3 } from '../state/format.ts';
import { STATES, type StateLetter } from '../state/result.ts';
import { ABOUT_STATE } from '../state/states.ts';
import { ABOUT, type Extent, type Shade } from '../state/statistics.ts';
import { usePage, useSelect } from './hooks.ts';

export function StateChip({ letter }: { readonly letter: StateLetter }): JSX.Element {
  const fill = STATE_COLOUR[letter];
  return (
    <span class="state-chip" style={{ background: fill, color: inkOn(fill) }}>
      {letter}
    </span>
  );
}

export function StateLegend(): JSX.Element {
  const { store } = usePage();
  const marked = useSelect((state) => state.link.state);
  const mark = (state: StateLetter | undefined): void => {
    store.set({ link: { state } });
  };
  return (
    <ul class="legend" aria-label="States">
      {STATES.map((letter) => (
        <li key={letter}>
          <button
            type="button"
            class="legend-item"
            aria-pressed={marked === letter}
            title={ABOUT_STATE[letter].what}
            onMouseEnter={() => {
              mark(letter);
            }}
            onMouseLeave={() => {
              mark(undefined);
            }}
            onFocus={() => {
              mark(letter);
            }}
            onBlur={() => {
              mark(undefined);
            }}
          >
            <StateChip letter={letter} /> {ABOUT_STATE[letter].name}
          </button>
        </li>
      ))}
    </ul>
  );
}

const BLOCKS = 24;

interface RampBarProps {
  readonly kind: 'sequential' | 'diverging';
  readonly ends: readonly string[];
}

export function RampBar({ kind, ends }: RampBarProps): JSX.Element {
  return (
    <span class="ramp-scale">
      <span class="ramp-blocks" aria-hidden="true">
        {Array.from({ length: BLOCKS }, (_, i) => (
          <span key={i} style={{ background: ramp(kind, i / (BLOCKS - 1)) }} />
        ))}
      </span>
      <span class="ramp-ends">
        {ends.map((end) => (
          <span key={end}>{end}</span>
        ))}
      </span>
    </span>
  );
}

export function RampScale({ shade, scale }: { readonly shade: Shade; readonly scale: Extent }): JSX.Element {
  const { title, unit, what } = ABOUT[shade];
  const middle = scale.scale === 'log' ? Math.sqrt(scale.low * scale.high) : (scale.low + scale.high) / 2;
  return (
    <div class="ramp">
      <span>
        <strong>{title}</strong> ({unit}
        {scale.scale === 'log' ? ', logarithmic' : ''})
      </span>
      <RampBar kind={rampKind(scale)} ends={[sig3(scale.low), sig3(middle), sig3(scale.high)]} />
      <span class="muted">{what}</span>
    </div>
  );
}
