/** Which state follows which: a 5 × 5 heat map with its counts. Rows never seen say so. */
import type { Chart } from 'chart.js';
import { inkOn, ramp } from '../../state/colour.ts';
import { orDash } from '../../state/format.ts';
import { STATES, type Result, type Transitions } from '../../state/result.ts';
import type { FigureContent, Inks, Plan } from './figure.ts';
import { axis, outline, tooltip, write } from './paint.ts';

type Direction = 'depth' | 'token';
interface Cell {
  readonly x: string;
  readonly y: string;
}

export function transitionsFigure(result: Result, index: number, direction: Direction): FigureContent {
  const transitions = result.summary.transitions[direction];
  return {
    title: `Transitions, ${result.model.name}`,
    sub: `Counts from one ${direction === 'depth' ? 'layer' : 'token'} to the next; colour: share of the row.`,
    name: `transitions-${direction}-${index + 1}`,
    height: 232,
    draw: (inks) => plan(transitions, index, inks),
    table: {
      caption: `Transitions along ${direction}, ${result.model.name}: count, probability and 95% Wilson interval`,
      columns: ['From', ...STATES.map((state) => `to ${state}`), 'mean dwell'],
      rows: STATES.map((from, row) => [
        from,
        ...STATES.map((_, column) => cellText(transitions, row, column)),
        orDash(transitions.dwell[row]),
      ]),
    },
  };
}

function seen(transitions: Transitions, row: number): boolean {
  return transitions.p[row]?.some((p) => p !== null) ?? false;
}

function cellText(transitions: Transitions, row: number, column: number): string {
  if (!seen(transitions, row)) return 'no observations';
  const count = transitions.counts[row]?.[column] ?? 0;
  const low = orDash(transitions.low[row]?.[column]);
  const high = orDash(transitions.high[row]?.[column]);
  return `${count}; ${orDash(transitions.p[row]?.[column])} (${low} to ${high})`;
}

function plan(transitions: Transitions, model: number, inks: Inks): Plan {
  const cells: Cell[] = STATES.flatMap((y) => STATES.map((x) => ({ x, y })));
  const fill = (at: number): string => {
    const p = transitions.p[Math.floor(at / 5)]?.[at % 5] ?? null;
    if (p === null) return inks.ground;
    return p === 0 ? inks.soft : ramp('sequential', p);
  };
  return {
    config: {
      type: 'matrix',
      data: {
        datasets: [
          {
            data: cells,
            backgroundColor: ({ dataIndex }: { dataIndex: number }) => fill(dataIndex),
            width: ({ chart }) => cellSize(chart, 'x'),
            height: ({ chart }) => cellSize(chart, 'y'),
          },
        ],
      },
      options: {
        scales: {
          x: {
            ...axis(inks, 'to'),
            type: 'category',
            labels: [...STATES],
            offset: true,
            position: 'top',
            grid: { display: false },
          },
          y: {
            ...axis(inks, 'from'),
            type: 'category',
            labels: [...STATES],
            offset: true,
            reverse: false,
            grid: { display: false },
          },
        },
        plugins: {
          tooltip: tooltip(inks, (_, at) => {
            const row = Math.floor(at / 5);
            return `${STATES[row] ?? ''} to ${STATES[at % 5] ?? ''}: ${cellText(transitions, row, at % 5)}`;
          }),
        },
      },
    },
    linkOf: ({ index }) => ({ model, state: STATES[Math.floor(index / 5)] }),
    annotate: (chart) => {
      counts(chart, transitions, fill, inks);
    },
    marks: 'state',
    mark: (chart, { state }) => {
      if (state === undefined) return;
      const y = chart.scales.y?.getPixelForValue(STATES.indexOf(state)) ?? 0;
      const size = cellSize(chart, 'y');
      outline(chart, chart.chartArea.left, y - size / 2, chart.chartArea.width, size, inks.ink);
    },
  };
}

/** Room of one cell, less a hair of ground between cells. */
function cellSize({ chartArea }: Chart, direction: 'x' | 'y'): number {
  // The first layout asks before there is an area.
  const area = chartArea as { width: number; height: number } | undefined;
  return Math.max(0, ((direction === 'x' ? area?.width : area?.height) ?? 0) / 5 - 2);
}

function counts(chart: Chart, transitions: Transitions, fill: (at: number) => string, inks: Inks): void {
  const x = chart.scales.x;
  const y = chart.scales.y;
  if (x === undefined || y === undefined) return;
  STATES.forEach((_, row) => {
    const middle = y.getPixelForValue(row);
    if (!seen(transitions, row)) {
      const centre = (chart.chartArea.left + chart.chartArea.right) / 2;
      write(chart, 'no observations', centre, middle, {
        colour: inks.muted,
        font: inks.sans,
        align: 'center',
      });
      return;
    }
    STATES.forEach((__, column) => {
      const count = transitions.counts[row]?.[column] ?? 0;
      const colour = inkOn(fill(row * 5 + column));
      write(chart, String(count), x.getPixelForValue(column), middle, {
        colour,
        font: inks.sans,
        align: 'center',
      });
    });
  });
}
