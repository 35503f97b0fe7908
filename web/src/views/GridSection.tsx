/** The hero: the grid of every model shown, what it is coloured by, and the legend of that. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { ABOUT, extent, SHADES, type Shade } from '../state/statistics.ts';
import { FailureNotes } from './FailureNote.tsx';
import { Grid } from './Grid.tsx';
import { RampScale, StateLegend } from './Legend.tsx';
import { useMedia, usePage, useSelect } from './hooks.ts';
import { ModelName } from './ModelName.tsx';
import { saveGridSvg } from './gridSvg.ts';

const WIDE = '(min-width: 1100px)';

export function GridSection(): JSX.Element {
  const shown = useSelect((state) => state.shown);
  const colourBy = useSelect((state) => state.colourBy);
  const tab = useSelect((state) => state.tab);
  const wide = useMedia(WIDE);
  const tabbed = !wide && shown.length > 1;
  const results = useMemo(() => shown.map(({ result }) => result), [shown]);
  const scale = useMemo(() => (colourBy === 'state' ? null : extent(results, colourBy)), [results, colourBy]);
  return (
    <section class="grid-section" aria-labelledby="grid-title">
      <h2 id="grid-title">What each layer would say next</h2>
      <p class="sub">
        The most likely next token at each layer, after the words so far. Above the heavy line it no longer
        changes; underlined, it is what really comes next.
      </p>
      <div class="grid-controls">
        {colourBy === 'state' || scale === null ? (
          <StateLegend />
        ) : (
          <RampScale shade={colourBy} scale={scale} />
        )}
        <ColourBy />
      </div>
      {tabbed && <ModelTabs />}
      <div class={tabbed ? 'grids' : 'grids side-by-side'}>
        {shown.map((one, index) =>
          tabbed && index !== tab ? null : (
            <figure
              key={one.model}
              class="grid-figure"
              {...(tabbed ? { id: 'grid-panel', role: 'tabpanel' } : {})}
            >
              <figcaption>
                <span>
                  <ModelName name={one.result.model.name} index={index} /> {one.result.model.arch},{' '}
                  {one.result.model.layers} layers, {one.result.settings.lens} lens
                </span>
                <button
                  type="button"
                  class="small quiet"
                  onClick={() => {
                    saveGridSvg(one, colourBy, scale);
                  }}
                >
                  Save SVG
                </button>
              </figcaption>
              <Grid shown={one} index={index} colourBy={colourBy} scale={scale} />
            </figure>
          ),
        )}
      </div>
      <FailureNotes place="export" />
    </section>
  );
}

function ColourBy(): JSX.Element {
  const { store } = usePage();
  const colourBy = useSelect((state) => state.colourBy);
  return (
    <label class="colour-by">
      Colour by{' '}
      <select
        value={colourBy}
        onChange={(event) => {
          store.set({ colourBy: event.currentTarget.value as 'state' | Shade });
        }}
      >
        <option value="state">State</option>
        {SHADES.map((shade) => (
          <option key={shade} value={shade}>
            {ABOUT[shade].title} ({ABOUT[shade].unit})
          </option>
        ))}
      </select>
    </label>
  );
}

function ModelTabs(): JSX.Element {
  const { store } = usePage();
  const shown = useSelect((state) => state.shown);
  const tab = useSelect((state) => state.tab);
  const move = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    const next = (tab + by + shown.length) % shown.length;
    store.set({ tab: next });
    const list = (event.currentTarget as HTMLElement).children;
    (list[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Model shown in the grid" onKeyDown={move}>
      {shown.map((one, index) => (
        <button
          key={one.model}
          type="button"
          role="tab"
          aria-selected={index === tab}
          aria-controls="grid-panel"
          tabIndex={index === tab ? 0 : -1}
          onClick={() => {
            store.set({ tab: index });
          }}
        >
          {one.result.model.name}
        </button>
      ))}
    </div>
  );
}
