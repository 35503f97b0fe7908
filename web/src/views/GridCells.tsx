/** The cells of a grid: painted for the eye; one of them, the active one, an element for keyboard and screen reader. */
import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { cellContent } from '../state/cell.ts';
import { cellLabel } from '../state/describe.ts';
import { HEAD_COLUMN, HEAD_ROW, type Block, type Range } from '../state/grid.ts';
import { layerName } from '../state/result.ts';
import { paintCells, type Painting, type Word } from './gridPaint.ts';
import { inks } from './inks.ts';
import { Late } from './Late.tsx';

type Common = Omit<Painting, 'range' | 'words'> & { readonly ground: 'light' | 'dark' };

export function GridCells({
  blocks,
  seen,
  ...common
}: Common & { readonly blocks: readonly Block[]; readonly seen: boolean }): JSX.Element {
  const { result, cell, row } = common;
  const words = useMemo(() => new Map<string, Word>(), [result, cell]);
  return (
    <div
      class="grid-cells"
      aria-hidden="true"
      style={{
        left: `${HEAD_COLUMN}px`,
        top: `${HEAD_ROW}px`,
        width: `${result.tokens.length * cell}px`,
        height: `${(result.model.layers + 1) * row}px`,
      }}
    >
      {blocks.map(({ slot, first, end, inView }) => (
        <Late key={slot} inSight={seen && inView}>
          {() => <Cells {...common} first={first} end={end} words={words} />}
        </Late>
      ))}
    </div>
  );
}

/** A block of columns. It paints itself again only when something in it looks different. */
function Cells({ first, end, ground, ...common }: Common & Range & Pick<Painting, 'words'>): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { result, cell, row, colourBy, scale, only, words } = common;
  useLayoutEffect(() => {
    if (canvas.current !== null)
      paintCells(canvas.current, { ...common, range: { first, end } }, inks(ground));
  }, [ground, result, first, end, cell, row, colourBy, scale, only, words]);
  return (
    <canvas
      ref={canvas}
      style={{
        left: `${first * cell}px`,
        width: `${(end - first) * cell}px`,
        height: `${(result.model.layers + 1) * row}px`,
      }}
    />
  );
}

type ActiveProps = Omit<Painting, 'range' | 'only' | 'words'> & {
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
