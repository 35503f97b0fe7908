/** Small marks on a canvas. */
import type { Chart } from 'chart.js';
import { clip } from '../../state/format.ts';
import type { Inks } from './figure.ts';

export function write(
  { ctx }: Chart,
  text: string,
  x: number,
  y: number,
  {
    colour,
    font,
    size = 12,
    align = 'left',
    weight = 400,
  }: { colour: string; font: string; size?: number; align?: CanvasTextAlign; weight?: number },
): void {
  ctx.save();
  ctx.fillStyle = colour;
  ctx.font = `${weight} ${size}px ${font}`;
  ctx.textAlign = align;
  ctx.textBaseline = 'middle';
  ctx.fillText(text, x, y);
  ctx.restore();
}

/** As much of a text as fits into `width`, with an ellipsis where something was left out. */
export function fit(ctx: CanvasRenderingContext2D, text: string, width: number, font: string): string {
  ctx.save();
  ctx.font = font;
  let shown = text;
  for (
    let length = Array.from(text).length - 1;
    length > 1 && ctx.measureText(shown).width > width;
    length -= 1
  )
    shown = clip(text, length);
  ctx.restore();
  return shown;
}

/** A horizontal 95% interval at height y. */
export function whisker({ ctx }: Chart, from: number, to: number, y: number, colour: string): void {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(from, y);
  ctx.lineTo(to, y);
  for (const end of [from, to]) {
    ctx.moveTo(end, y - 4);
    ctx.lineTo(end, y + 4);
  }
  ctx.stroke();
  ctx.restore();
}

export function outline(
  { ctx }: Chart,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
): void {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.strokeRect(x, y, width, height);
  ctx.restore();
}

/** Spread label heights so that no two are closer than `gap`, keeping their order. */
export function spread(heights: readonly number[], gap: number, low: number, high: number): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  const placed = [...heights];
  let floor = low;
  for (const i of order) {
    placed[i] = Math.max(placed[i] ?? 0, floor);
    floor = (placed[i] ?? 0) + gap;
  }
  let ceiling = high;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i] ?? 0, ceiling);
    ceiling = (placed[i] ?? 0) - gap;
  }
  return placed;
}

export function axis(inks: Inks, title: string) {
  return {
    title: { display: title !== '', text: title, color: inks.muted, font: { family: inks.sans, size: 12 } },
    ticks: { color: inks.muted, font: { family: inks.sans, size: 11 } },
    grid: { color: inks.rule, drawTicks: false },
    border: { display: false },
  };
}

export function tooltip(inks: Inks, label: (dataset: number, index: number) => string) {
  return {
    displayColors: false,
    backgroundColor: inks.ink,
    bodyColor: inks.ground,
    bodyFont: { family: inks.sans, size: 12 },
    cornerRadius: 2,
    callbacks: {
      title: () => '',
      label: (item: { datasetIndex: number; dataIndex: number }) => label(item.datasetIndex, item.dataIndex),
    },
  };
}
