/** How the points divide among the five states, one stacked bar per model. */
import type { Chart } from 'chart.js';
import { inkOn, STATE_COLOUR } from '../../state/colour.ts';
import { percent } from '../../state/format.ts';
import { STATES, type Result } from '../../state/result.ts';
import { ABOUT_STATE } from '../../state/states.ts';
import type { FigureContent, Inks, Plan } from './figure.ts';
import { axis, outline, tooltip, write } from './paint.ts';

const ROOM = 64;
const BAR = 26;

export function sharesFigure(results: readonly Result[]): FigureContent {
  return {
    title: 'Five states: where the points fall',
    sub: 'Share of all points at layers 1 and above.',
    name: 'states',
    height: 44 + ROOM * results.length,
    draw: (inks) => plan(results, inks),
    table: {
      caption: 'Share of points in each state, by model',
      columns: ['Model', ...STATES.map((state) => `${state}, ${ABOUT_STATE[state].name}`)],
      rows: results.map(({ model, summary }) => [
        model.name,
        ...STATES.map((state) => percent(summary.states[state])),
      ]),
    },
  };
}

function plan(results: readonly Result[], inks: Inks): Plan {
  return {
    config: {
      type: 'bar',
      data: {
        labels: results.map(({ model }) => model.name),
        datasets: STATES.map((state) => ({
          label: state,
          data: results.map(({ summary }) => summary.states[state] * 100),
          backgroundColor: STATE_COLOUR[state],
          borderColor: inks.ground,
          borderWidth: { left: 0, right: 1.5, top: 0, bottom: 0 },
          barThickness: BAR,
        })),
      },
      options: {
        indexAxis: 'y',
        layout: { padding: { top: 6 } },
        scales: {
          x: { ...axis(inks, '% of points'), stacked: true, min: 0, max: 100 },
          y: { ...axis(inks, ''), stacked: true, ticks: { display: false }, grid: { display: false } },
        },
        plugins: {
          tooltip: tooltip(inks, (dataset, index) => {
            const state = STATES[dataset] ?? 'E';
            return `${state}, ${ABOUT_STATE[state].name}: ${percent(results[index]?.summary.states[state] ?? 0)}`;
          }),
        },
      },
    },
    linkOf: ({ dataset, index }) => ({ model: index, state: STATES[dataset] }),
    annotate: (chart) => {
      labels(chart, results, inks);
    },
    marks: 'state',
    mark: (chart, { state }) => {
      if (state === undefined) return;
      for (const { x, y, width } of segments(chart, STATES.indexOf(state)))
        outline(chart, x, y - BAR / 2, width, BAR, inks.ink);
    },
  };
}

function segments(chart: Chart, dataset: number): { x: number; y: number; width: number }[] {
  return chart.getDatasetMeta(dataset).data.map((element) => {
    const { x, y, base } = element.getProps(['x', 'y', 'base'] as never) as {
      x: number;
      y: number;
      base: number;
    };
    return { x: base, y, width: x - base };
  });
}

function labels(chart: Chart, results: readonly Result[], inks: Inks): void {
  results.forEach(({ model }, index) => {
    const y = chart.scales.y?.getPixelForValue(index) ?? 0;
    write(chart, model.name, chart.chartArea.left + 2, y - 24, {
      colour: inks.ink,
      font: inks.sans,
      weight: 600,
    });
  });
  STATES.forEach((state, dataset) => {
    segments(chart, dataset).forEach(({ x, y, width }, index) => {
      const share = results[index]?.summary.states[state] ?? 0;
      const text = width > 52 ? `${state} ${percent(share)}` : width > 13 ? state : '';
      const colour = inkOn(STATE_COLOUR[state]);
      write(chart, text, x + width / 2, y, { colour, font: inks.sans, align: 'center', weight: 600 });
    });
  });
}
