/** The cells of a grid: painted for the eye; one of them, the active one, an element for keyboard and screen reader. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { cellContent } from '../state/cell.ts';
import { cellLabel } from '../state/describe.ts';
import { HEAD_COLUMN, HEAD_ROW } from '../state/grid.ts';
import { layerName } from '../state/result.ts';
import { paintCells, type Painting } from './gridPaint.ts';
import { useGround } from './hooks.ts';
import { inks } from './inks.ts';

export function GridCells(painting: Painting): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const ground = useGround();
  const { result, range, cell, row, colourBy, scale, only } = painting;
  useLayoutEffect(() => {
    if (canvas.current !== null) paintCells(canvas.current, painting, inks(ground));
  }, [ground, result, range, cell, row, colourBy, scale, only]);
  return (
    <canvas
      ref={canvas}
      class="grid-cells"
      aria-hidden="true"
      data-first={range.first}
      data-end={range.end}
      style={{
        left: `${HEAD_COLUMN + range.first * cell}px`,
        top: `${HEAD_ROW}px`,
        width: `${(range.end - range.first) * cell}px`,
        height: `${(result.model.layers + 1) * row}px`,
      }}
    />
  );
}

type ActiveProps = Omit<Painting, 'range' | 'only'> & {
  readonly layer: number;
  readonly position: number;
};

export function ActiveCell({ result, layer, position, cell, row, ...colouring }: ActiveProps): JSX.Element {
  const { layers } = result.model;
  const content = cellContent(result, layer, position, colouring);
  return (
    <div
      class="grid-active"
      role="row"
      aria-rowindex={layers - layer + 2}
      style={{ top: `${HEAD_ROW + (layers - layer) * row}px`, height: `${row}px` }}
    >
      <div class="sr-only" role="rowheader">
        {layerName(layer, layers)}
      </div>
      <div
        class="cell"
        role="gridcell"
        aria-colindex={position + 2}
        aria-label={cellLabel(result, layer, position, content)}
        tabIndex={0}
        data-layer={layer}
        data-position={position}
        style={{ left: `${HEAD_COLUMN + position * cell}px`, width: `${cell}px` }}
      />
    </div>
  );
}
