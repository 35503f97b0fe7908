/** A figure: what is seen, the chart, the same numbers as a table, and the chart as a file. */
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { save } from '../app/export.ts';
import type { Drawing, FigureContent } from './figures/figure.ts';
import { useGround, useNear, usePage } from './hooks.ts';
import { inks } from './inks.ts';
import { Late } from './Late.tsx';

export function Figure({
  title,
  sub,
  name,
  height,
  draw,
  table,
  children,
}: FigureContent & { readonly children?: ComponentChildren }): JSX.Element {
  const plot = useRef<HTMLDivElement>(null);
  return (
    <figure class="figure" style={{ containIntrinsicHeight: `auto ${height + 90}px` }}>
      <figcaption>
        <h3>{title}</h3>
        <p class="sub">{sub}</p>
        {children}
      </figcaption>
      <div class="plot" ref={plot} style={{ height: `${height}px` }}>
        <Plot room={plot} draw={draw} label={`${title}. ${sub} The table below holds the same numbers.`} />
      </div>
      <div class="figure-tools">
        <Twin {...table} />
        <button
          type="button"
          class="small quiet"
          onClick={() => {
            savePng(plot.current?.querySelector('canvas') ?? null, name);
          }}
        >
          Save PNG
        </button>
      </div>
    </figure>
  );
}

interface PlotProps {
  readonly draw: FigureContent['draw'];
  readonly label: string;
}

/** What comes and goes with the theme and the scrolling page, apart from the table, which does not. */
function Plot({ room, ...chart }: PlotProps & { readonly room: RefObject<HTMLElement | null> }): JSX.Element {
  const near = useNear(room);
  const ground = useGround();
  return <Late inSight={near}>{() => <Chart {...chart} ground={ground} near={near} />}</Late>;
}

interface ChartProps extends PlotProps {
  readonly ground: 'light' | 'dark';
  readonly near: boolean;
}

/** Chart.js, fetched after the first paint, with the first figure. */
let charts: typeof import('./chart.ts') | null = null;

/** A chart on a canvas. */
function Chart({ draw, ground, near, label }: ChartProps): JSX.Element {
  const { store } = usePage();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<Drawing | null>(null);
  useLayoutEffect(() => {
    const create = (): void => {
      if (canvas.current === null || charts === null) return;
      drawing.current = charts.createChart(canvas.current, draw(inks(ground)), (pointed) => {
        store.set({ link: pointed });
      });
      drawing.current.mark(store.get().link);
    };
    let gone = false;
    if (charts === null)
      void import('./chart.ts').then((loaded) => {
        charts = loaded;
        if (!gone) create();
      });
    else create();
    return () => {
      gone = true;
      drawing.current?.destroy();
      drawing.current = null;
    };
  }, [draw, ground]);
  useEffect(() => {
    if (!near) return undefined;
    const mark = (): void => drawing.current?.mark(store.get().link);
    mark();
    return store.subscribe(mark);
  }, [near]);
  return <canvas ref={canvas} role="img" aria-label={label} />;
}

function Twin({ caption, columns, rows }: FigureContent['table']): JSX.Element {
  return (
    <details class="twin">
      <summary>Table</summary>
      <div class="twin-scroll" tabIndex={0} role="region" aria-label={caption}>
        <table>
          <caption class="sr-only">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row[0]}>
                {row.map((value, i) => (i === 0 ? <th scope="row">{value}</th> : <td>{value}</td>))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The canvas on the page's ground, so that the file is readable wherever it is put. */
function savePng(source: HTMLCanvasElement | null, name: string): void {
  if (source === null) return;
  const copy = document.createElement('canvas');
  copy.width = source.width;
  copy.height = source.height;
  const context = copy.getContext('2d');
  if (context === null) return;
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(source, 0, 0);
  copy.toBlob((blob) => {
    if (blob !== null) save(`logitscope-${name}.png`, blob);
  });
}
