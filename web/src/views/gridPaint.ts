/**
 * Paints the cells of a grid. A canvas, because a wide panel has thousands of them: as elements they would take longer
 * to lay out than a frame lasts.
 */
import { cellContent, type CellContent, type Colouring } from '../state/cell.ts';
import { inkOn } from '../state/colour.ts';
import { commitPath, TIGHT, type Range } from '../state/grid.ts';
import type { Result, StateLetter } from '../state/result.ts';
import type { Inks } from './figures/figure.ts';
import { fit } from './figures/paint.ts';

export interface Painting extends Colouring {
  readonly result: Result;
  readonly range: Range;
  readonly cell: number;
  readonly row: number;
  /** The state that the legend points at: the others step back. */
  readonly only: StateLetter | undefined;
  /** Tokens as they were cut to the room of a cell before: the same few stand in most of them. */
  readonly words: Map<string, Word>;
}

export interface Word {
  readonly shown: string;
  readonly width: number;
}

const FADED = 0.3;

/** Sizes the canvas for its cells and the screen's pixels, and paints them. */
export function paintCells(canvas: HTMLCanvasElement, painting: Painting, look: Inks): void {
  const { range, cell, row, result } = painting;
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) return;
  const width = (range.end - range.first) * cell;
  const height = (result.model.layers + 1) * row;
  const density = window.devicePixelRatio;
  resize(canvas, Math.round(width * density), Math.round(height * density));
  context.setTransform(density, 0, 0, density, 0, 0);
  context.fillStyle = look.ground;
  context.fillRect(0, 0, width, height);
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  const contents = collect(painting);
  fillCells(context, contents, painting, look);
  // One font after the other: to change it for every cell would cost more than the text itself.
  writeTokens(context, contents, painting, look);
  context.font = `600 10px ${look.sans}`;
  for (const one of contents) {
    if (one.minor === '') continue;
    context.globalAlpha = one.alpha;
    context.fillStyle = one.ink ?? look.ink;
    context.fillText(one.minor, one.x + cell / 2, one.y + row / 2 + 11);
  }
  context.globalAlpha = 1;
  drawCommitLine(context, painting, look);
}

/** Only where it is needed: a canvas that is given a size, even its own, is made anew. */
function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** Above it the leading token no longer changes. */
function drawCommitLine(
  context: CanvasRenderingContext2D,
  { result, range, cell, row }: Painting,
  look: Inks,
): void {
  // With the columns beside these, because the line's corners reach over.
  const before = Math.min(1, range.first);
  const commit = result.summary.commit.by_position.slice(range.first - before, range.end + 1);
  const path = new Path2D(commitPath(commit, result.model.layers, cell, row));
  context.translate(-before * cell, 0);
  context.lineWidth = 6;
  context.strokeStyle = look.ground;
  context.stroke(path);
  context.lineWidth = 3;
  context.strokeStyle = look.ink;
  context.stroke(path);
}

interface Placed extends CellContent {
  readonly x: number;
  readonly y: number;
  readonly ink: string | null;
  readonly alpha: number;
}

function collect({ result, range, cell, row, only, ...colouring }: Painting): Placed[] {
  const { layers } = result.model;
  const placed: Placed[] = [];
  for (let layer = layers; layer >= 0; layer -= 1) {
    for (let position = range.first; position < range.end; position += 1) {
      const content = cellContent(result, layer, position, colouring);
      const lit = only === undefined || result.points.state[layer]?.[position] === only;
      placed.push({
        ...content,
        x: (position - range.first) * cell,
        y: (layers - layer) * row,
        ink: content.fill === null ? null : inkOn(content.fill),
        alpha: lit ? 1 : FADED,
      });
    }
  }
  return placed;
}

function fillCells(
  context: CanvasRenderingContext2D,
  contents: readonly Placed[],
  { cell, row }: Painting,
  look: Inks,
): void {
  for (const { x, y, fill, alpha } of contents) {
    context.globalAlpha = alpha;
    context.fillStyle = fill ?? look.soft;
    context.fillRect(x, y, cell - 1, row - 1);
  }
}

function writeTokens(
  context: CanvasRenderingContext2D,
  contents: readonly Placed[],
  { cell, row, words }: Painting,
  look: Inks,
): void {
  const tight = cell < TIGHT;
  const font = `${tight ? 11.5 : 12}px ${look.mono}`;
  const room = cell - (tight ? 3 : 7);
  context.font = font;
  for (const { x, y, text, minor, ink, alpha, comes } of contents) {
    let word = words.get(text);
    if (word === undefined) {
      const shown = fit(context, text, room, font);
      words.set(text, (word = { shown, width: context.measureText(shown).width }));
    }
    const middle = x + cell / 2;
    const base = y + row / 2 + (minor === '' ? 4 : -3);
    context.globalAlpha = alpha;
    context.fillStyle = ink ?? look.ink;
    context.fillText(word.shown, middle, base);
    if (comes) context.fillRect(middle - word.width / 2, base + 2, word.width, 2);
  }
}
