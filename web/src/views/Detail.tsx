/** The drawer for the selected point: its candidates, its statistics, and its token's path through the layers. */
import type { JSX, RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Point, Shown } from '../state/app.ts';
import { inkOn, STATE_COLOUR } from '../state/colour.ts';
import { orDash, sig3, visible } from '../state/format.ts';
import { layerName, STATISTICS, tokenText, type Result } from '../state/result.ts';
import { ABOUT_STATE } from '../state/states.ts';
import { ABOUT, absence, shown } from '../state/statistics.ts';
import { usePage, useSelect } from './hooks.ts';
import { describePoint } from '../state/describe.ts';
import { StateChip } from './Legend.tsx';

export function Detail(): JSX.Element {
  const selected = useSelect((state) => state.selected);
  const shown = useSelect((state) => state.shown);
  const one = selected === null ? undefined : shown[selected.model];
  return (
    <>
      <Readout />
      {selected !== null && one !== undefined && <Drawer point={selected} shown={one} />}
    </>
  );
}

/** The point under the pointer or the focus, in one line; otherwise how to use the grid. */
function Readout(): JSX.Element {
  const link = useSelect((state) => state.link);
  const shown = useSelect((state) => state.shown);
  const result = link.model === undefined ? undefined : shown[link.model]?.result;
  const { layer, position } = link;
  if (result === undefined || layer === undefined || position === undefined)
    return (
      <p class="readout">
        Select a cell for its ten candidates and every statistic. Keyboard: Tab into the grid, arrows walk,
        Enter selects, Esc clears.
      </p>
    );
  return (
    <p class="readout" aria-hidden="true">
      <strong>{result.model.name}</strong>, {describePoint(result, layer, position)}
    </p>
  );
}

interface Props {
  readonly point: Point;
  readonly shown: Shown;
}

function Drawer({ point, shown }: Props): JSX.Element {
  const { store } = usePage();
  const { result } = shown;
  const { layer, position } = point;
  const drawer = useRef<HTMLElement>(null);
  useReveal(drawer);
  const state = result.points.state[layer]?.[position] ?? null;
  const before = result.tokens
    .slice(Math.max(0, position - 7), position + 1)
    .map(({ text }) => visible(text))
    .join('');
  return (
    <aside class="detail" aria-label="Selected point" ref={drawer}>
      <div class="detail-head">
        <h2>
          {result.model.name}, {floor(layer, result.model.layers)}, after{' '}
          <span class="token">
            {position > 7 ? '…' : ''}
            {before}
          </span>
        </h2>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            store.set({ selected: null });
          }}
        >
          Close <kbd>Esc</kbd>
        </button>
      </div>
      <p class="detail-state">
        {state === null ? (
          'The embedding has no state: nothing has moved yet.'
        ) : (
          <>
            <StateChip letter={state} /> <strong>{ABOUT_STATE[state].name}.</strong> {ABOUT_STATE[state].what}
          </>
        )}
      </p>
      <div class="detail-columns">
        <Candidates result={result} point={point} />
        <Statistics result={result} point={point} />
        <Path result={result} point={point} />
      </div>
    </aside>
  );
}

/** When the drawer opens below the fold, scroll as far as shows it, but never so far that the grid leaves the view. */
function useReveal(drawer: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = drawer.current;
    const hero = element?.parentElement;
    if (element === null || hero === null || hero === undefined) return;
    const missing = element.getBoundingClientRect().bottom + 12 - innerHeight;
    const room = hero.querySelector('.grids')?.getBoundingClientRect().top ?? 0;
    const by = Math.min(missing, room - 8);
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (by > 0) scrollBy({ top: by, behavior: calm ? 'instant' : 'smooth' });
  }, [drawer]);
}

function floor(layer: number, layers: number): string {
  return layer === layers ? `output (layer ${layers})` : `layer ${layer} of ${layers}`;
}

interface PartProps {
  readonly result: Result;
  readonly point: Point;
}

function Candidates({ result, point: { layer, position } }: PartProps): JSX.Element {
  const top = result.points.top[layer]?.[position] ?? [];
  const next = result.tokens[position + 1]?.id;
  const mass = top.reduce((sum, [, p]) => sum + p, 0);
  return (
    <section>
      <h3>Ten most likely next tokens</h3>
      <ol class="candidates">
        {top.map(([id, p], rank) => (
          <li key={rank} class={id === next ? 'comes' : ''}>
            <span class="token">{visible(tokenText(result, id))}</span>
            <span class="candidate-bar">
              <span style={{ width: `${Math.max(p * 100, 0.3)}%` }} />
            </span>
            <span class="number">{sig3(p)}</span>
          </li>
        ))}
      </ol>
      <p class="muted">
        Together {sig3(mass)} of the probability.{' '}
        {next === undefined
          ? 'The text ends here.'
          : `Really next: ${visible(tokenText(result, next) === `#${next}` ? (result.tokens[position + 1]?.text ?? '') : tokenText(result, next))}.`}
      </p>
    </section>
  );
}

function Statistics({ result, point: { layer, position } }: PartProps): JSX.Element {
  return (
    <section class="statistics">
      <h3>Statistics of this point</h3>
      <dl>
        {STATISTICS.map((name) => {
          const value = result.points[name][layer]?.[position] ?? null;
          return (
            <div key={name}>
              <dt>{ABOUT[name].title}</dt>
              <dd>
                <span class="number" title={value === null ? undefined : String(value)}>
                  {shown(name, value)}
                </span>{' '}
                <span class="unit">{value === null ? absence(name, layer) : ABOUT[name].unit}</span>
              </dd>
              <dd class="what">
                <code>{name}</code> {ABOUT[name].what}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

function Path({ result, point }: PartProps): JSX.Element {
  const { store } = usePage();
  const { layers } = result.model;
  const { position } = point;
  const order = Array.from({ length: layers + 1 }, (_, i) => layers - i);
  return (
    <section>
      <h3>This position through the layers</h3>
      <ol class="path">
        {order.map((layer) => {
          const top = result.points.top[layer]?.[position]?.[0];
          const state = result.points.state[layer]?.[position] ?? null;
          const fill = state === null ? null : STATE_COLOUR[state];
          return (
            <li key={layer}>
              <button
                type="button"
                aria-current={layer === point.layer}
                onClick={() => {
                  store.set({ selected: { ...point, layer } });
                }}
                onMouseEnter={() => {
                  store.set({ link: { ...point, layer } });
                }}
                onMouseLeave={() => {
                  store.set({ link: {} });
                }}
              >
                <span class="path-layer">{layerName(layer, layers)}</span>
                <span
                  class="state-chip"
                  style={fill === null ? {} : { background: fill, color: inkOn(fill) }}
                >
                  {state ?? '–'}
                </span>
                <span class="token">{top === undefined ? '–' : visible(tokenText(result, top[0]))}</span>
                <span class="path-bar">
                  <span style={{ width: `${(top?.[1] ?? 0) * 100}%` }} />
                </span>
                <span class="number">{orDash(top?.[1])}</span>
              </button>
            </li>
          );
        })}
      </ol>
      <p class="muted">
        Commits at layer {result.summary.commit.by_position[position] ?? '–'} of {layers}. Bars: top-1
        probability.
      </p>
    </section>
  );
}
