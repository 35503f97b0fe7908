/** The small multiples. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { polesFigure } from './figures/poles.ts';
import { layersFigure } from './figures/layers.ts';
import { sharesFigure } from './figures/shares.ts';
import { transitionsFigure } from './figures/transitions.ts';
import { Figure } from './Figure.tsx';
import { usePage, useSelect } from './hooks.ts';
import { RampBar } from './Legend.tsx';

export function Figures(): JSX.Element {
  const shown = useSelect((state) => state.shown);
  const direction = useSelect((state) => state.transitions);
  const results = useMemo(() => shown.map(({ result }) => result), [shown]);
  const figures = useMemo(
    () => ({
      poles: polesFigure(results),
      entropy: layersFigure(results, 'entropy'),
      p1: layersFigure(results, 'p1'),
      shares: sharesFigure(results),
    }),
    [results],
  );
  return (
    <section class="figures" aria-label="Small multiples">
      <Figure {...figures.poles} />
      <Figure {...figures.entropy} />
      <Figure {...figures.p1} />
      <Figure {...figures.shares} />
      {results.map((result, index) => (
        <Transitions key={index} index={index} result={result} direction={direction} />
      ))}
    </section>
  );
}

interface TransitionsProps {
  readonly index: number;
  readonly result: Parameters<typeof transitionsFigure>[0];
  readonly direction: 'depth' | 'token';
}

function Transitions({ index, result, direction }: TransitionsProps): JSX.Element {
  const figure = useMemo(() => transitionsFigure(result, index, direction), [result, index, direction]);
  return (
    <Figure {...figure}>
      <div class="figure-controls">
        <Direction />
        <RampBar kind="sequential" ends={['p 0', '0.5', '1']} />
      </div>
    </Figure>
  );
}

function Direction(): JSX.Element {
  const { store } = usePage();
  const direction = useSelect((state) => state.transitions);
  return (
    <span class="switch" role="group" aria-label="Direction of the transitions">
      {(['depth', 'token'] as const).map((one) => (
        <button
          key={one}
          type="button"
          class="small"
          aria-pressed={direction === one}
          onClick={() => {
            store.set({ transitions: one });
          }}
        >
          {one === 'depth' ? 'along depth' : 'along tokens'}
        </button>
      ))}
    </span>
  );
}
