/** A mean by layer, the models overlaid, each with its own colour and dash and its name at the end of its line. */
import type { Chart } from 'chart.js';
import { modelColour, modelDash } from '../../state/colour.ts';
import { orDash } from '../../state/format.ts';
import { layerName, type Result } from '../../state/result.ts';
import type { FigureContent, Inks, Plan } from './figure.ts';
import { axis, fit, spread, tooltip, write } from './paint.ts';

type Quantity = 'entropy' | 'p1';

const WORDS: Record<Quantity, { title: string; sub: string; unit: string }> = {
  entropy: {
    title: 'Entropy by layer',
    sub: 'How undecided each layer is, mean over positions.',
    unit: 'nats',
  },
  p1: {
    title: 'Top-1 by layer',
    sub: 'How much the leading token gets, mean over positions.',
    unit: 'probability',
  },
};

export function layersFigure(results: readonly Result[], quantity: Quantity): FigureContent {
  const { title, sub, unit } = WORDS[quantity];
  const deepest = Math.max(0, ...results.map(({ model }) => model.layers));
  return {
    title,
    sub,
    name: `${quantity}-by-layer`,
    height: 200,
    draw: (inks) => plan(results, quantity, inks),
    table: {
      caption: `${title}, ${unit}`,
      columns: ['Layer', ...results.map(({ model }) => `${model.name}, ${unit}`)],
      rows: Array.from({ length: deepest + 1 }, (_, layer) => [
        results.every(({ model }) => model.layers === deepest) ? layerName(layer, deepest) : String(layer),
        ...results.map((result) =>
          layer > result.model.layers ? '– (no such layer)' : orDash(values(result, quantity)[layer]),
        ),
      ]),
    },
  };
}

function values({ summary }: Result, quantity: Quantity): readonly (number | null)[] {
  return quantity === 'entropy' ? summary.entropy_by_layer : summary.p1_by_layer;
}

function plan(results: readonly Result[], quantity: Quantity, inks: Inks): Plan {
  const { unit } = WORDS[quantity];
  const longest = Math.max(...results.map(({ model }) => model.name.length), 4);
  return {
    config: {
      type: 'line',
      data: {
        datasets: results.map((result, index) => ({
          label: result.model.name,
          data: values(result, quantity).map((y, x) => ({ x, y: y ?? Number.NaN })),
          borderColor: modelColour(index),
          borderDash: modelDash(index),
          borderWidth: 2.5,
          backgroundColor: modelColour(index),
          pointRadius: 3,
          pointHoverRadius: 5,
        })),
      },
      options: {
        layout: { padding: { right: Math.min(140, 30 + longest * 7), top: 8 } },
        interaction: { mode: 'nearest', axis: 'x', intersect: false },
        scales: {
          x: {
            ...axis(inks, 'layer (0 = embedding)'),
            type: 'linear',
            min: 0,
            ticks: { ...axis(inks, '').ticks, precision: 0 },
          },
          y: { ...axis(inks, unit), min: 0, ...(quantity === 'p1' ? { max: 1 } : {}) },
        },
        plugins: {
          tooltip: tooltip(inks, (dataset, index) => {
            const result = results[dataset];
            return result === undefined
              ? ''
              : `${result.model.name}, layer ${index}: ${orDash(values(result, quantity)[index])} ${unit}`;
          }),
        },
      },
    },
    linkOf: ({ dataset, index }) => ({ model: dataset, layer: index }),
    annotate: (chart) => {
      names(chart, results, quantity, inks);
    },
    marks: 'layer',
    mark: (chart, { layer }) => {
      rule(chart, layer, inks);
    },
  };
}

function names(chart: Chart, results: readonly Result[], quantity: Quantity, inks: Inks): void {
  const y = chart.scales.y;
  const x = chart.scales.x;
  if (y === undefined || x === undefined) return;
  const ends = results.map((result) => y.getPixelForValue(values(result, quantity).at(-1) ?? 0));
  const heights = spread(ends, 15, chart.chartArea.top + 4, chart.chartArea.bottom - 4);
  results.forEach(({ model }, index) => {
    const at = x.getPixelForValue(model.layers) + 6;
    const height = heights[index] ?? 0;
    key(chart, at, height, index);
    const text = fit(chart.ctx, model.name, chart.width - at - 22, `12px ${inks.sans}`);
    write(chart, text, at + 20, height, { colour: inks.ink, font: inks.sans });
  });
}

/** A short piece of a model's line, before its name. */
function key({ ctx }: Chart, x: number, y: number, index: number): void {
  ctx.save();
  ctx.strokeStyle = modelColour(index);
  ctx.lineWidth = 2.5;
  ctx.setLineDash(modelDash(index));
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x + 16, y);
  ctx.stroke();
  ctx.restore();
}

function rule(chart: Chart, layer: number | undefined, inks: Inks): void {
  const x = chart.scales.x;
  if (x === undefined || layer === undefined || layer > x.max) return;
  const at = x.getPixelForValue(layer);
  const { ctx } = chart;
  ctx.save();
  ctx.strokeStyle = inks.ink;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(at, chart.chartArea.top);
  ctx.lineTo(at, chart.chartArea.bottom);
  ctx.stroke();
  ctx.restore();
}
