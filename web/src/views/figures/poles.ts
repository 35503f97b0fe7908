/** G and D as the two sides of a bar, one bar per model. */
import type { Chart } from 'chart.js';
import { inkOn, modelColour } from '../../state/colour.ts';
import { interval, orDash, sig3 } from '../../state/format.ts';
import type { Interval, Result } from '../../state/result.ts';
import type { FigureContent, Inks, Plan } from './figure.ts';
import { axis, fit, outline, tooltip, whisker, write } from './paint.ts';

const ROOM = 64;
const BAR = 20;
/** A bar longer than this has room for its value. */
const ROOMY = 0.25;

export function polesFigure(results: readonly Result[]): FigureContent {
  return {
    title: 'GD_ratio: concentration against competition',
    sub: 'Mean D left, mean G right. Whiskers: 95% intervals.',
    name: 'gd-ratio',
    height: 52 + ROOM * results.length,
    draw: (inks) => plan(results, inks),
    table: {
      caption: 'GD_ratio, mean G and mean D by model',
      columns: ['Model', 'GD_ratio', '95% interval', 'mean G', '95% interval', 'mean D', '95% interval'].map(
        distinct,
      ),
      rows: results.map(({ model, summary: s }) => [
        model.name,
        orDash(s.gd_ratio),
        boundsText(s.gd_ratio_ci),
        orDash(s.mean_g),
        boundsText(s.mean_g_ci),
        orDash(s.mean_d),
        boundsText(s.mean_d_ci),
      ]),
    },
  };
}

function distinct(title: string, index: number, all: readonly string[]): string {
  return title === '95% interval' ? `${all[index - 1] ?? ''}, 95% interval` : title;
}

function boundsText(bounds: Interval): string {
  return bounds === null ? '– (one position)' : interval(bounds);
}

function plan(results: readonly Result[], inks: Inks): Plan {
  const colours = results.map((_, index) => modelColour(index));
  const bars = { barThickness: BAR, borderWidth: 2, borderColor: colours, borderSkipped: false };
  return {
    config: {
      type: 'bar',
      data: {
        labels: results.map(({ model }) => model.name),
        datasets: [
          {
            label: 'G',
            data: results.map(({ summary }) => summary.mean_g ?? 0),
            backgroundColor: colours,
            ...bars,
          },
          {
            label: 'D',
            data: results.map(({ summary }) => -(summary.mean_d ?? 0)),
            backgroundColor: 'transparent',
            ...bars,
          },
        ],
      },
      options: {
        indexAxis: 'y',
        layout: { padding: { top: 6 } },
        scales: {
          x: {
            ...axis(inks, '← D, competition        G, concentration →'),
            min: -1,
            max: 1,
            ticks: {
              ...axis(inks, '').ticks,
              stepSize: 0.5,
              callback: (value) => String(Math.abs(Number(value))),
            },
          },
          y: { ...axis(inks, ''), stacked: true, ticks: { display: false }, grid: { display: false } },
        },
        plugins: {
          tooltip: tooltip(inks, (dataset, index) => {
            const summary = results[index]?.summary;
            return dataset === 0 ? `mean G ${orDash(summary?.mean_g)}` : `mean D ${orDash(summary?.mean_d)}`;
          }),
        },
      },
    },
    linkOf: ({ index }) => ({ model: index }),
    annotate: (chart) => {
      results.forEach((result, index) => {
        label(chart, result, index, inks);
      });
    },
    marks: 'model',
    mark: (chart, { model }) => {
      const y = model === undefined ? undefined : rowCentre(chart, model);
      if (y === undefined) return;
      const { left, width } = chart.chartArea;
      outline(chart, left + 1, y - 34, width - 2, ROOM - 8, inks.ink);
    },
  };
}

function rowCentre(chart: Chart, index: number): number | undefined {
  return chart.scales.y?.getPixelForValue(index);
}

function label(chart: Chart, { model, summary }: Result, index: number, inks: Inks): void {
  const y = rowCentre(chart, index);
  const x = chart.scales.x;
  if (y === undefined || x === undefined) return;
  const text = { colour: inks.ink, font: inks.sans };
  const ratio = summary.gd_ratio === null ? 'no GD_ratio' : `GD_ratio ${sig3(summary.gd_ratio)}`;
  const bounds = summary.gd_ratio_ci === null ? '' : ` (${interval(summary.gd_ratio_ci)})`;
  const { left, right } = chart.chartArea;
  const figures = `${ratio}${bounds}`;
  write(chart, figures, right - 6, y - 22, { ...text, align: 'right' });
  const room = right - left - 24 - chart.ctx.measureText(figures).width;
  const bold = `600 12px ${inks.sans}`;
  write(chart, fit(chart.ctx, model.name, room, bold), left + 6, y - 22, { ...text, weight: 600 });
  side(chart, summary.mean_g, summary.mean_g_ci, 1, y, index, inks);
  side(chart, summary.mean_d, summary.mean_d_ci, -1, y, index, inks);
}

/** The value inside the bar, or beside it where there is no room, and its interval. */
function side(
  chart: Chart,
  mean: number | null,
  bounds: Interval,
  sign: 1 | -1,
  y: number,
  index: number,
  inks: Inks,
): void {
  const x = chart.scales.x;
  if (x === undefined || mean === null) return;
  const reach = sign * Math.max(mean, bounds?.[1] ?? mean);
  if (bounds !== null)
    whisker(chart, x.getPixelForValue(sign * bounds[0]), x.getPixelForValue(sign * bounds[1]), y, inks.ink);
  const inside = mean > ROOMY;
  const at = x.getPixelForValue(inside ? 0 : reach) + sign * 6;
  write(chart, sig3(mean), at, y, {
    colour: inside && sign === 1 ? inkOn(modelColour(index)) : inks.ink,
    font: inks.sans,
    weight: 600,
    align: sign === 1 ? 'left' : 'right',
  });
}
