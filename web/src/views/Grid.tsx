/**
 * One model's grid. Rows are layers, the output on top; columns are tokens. Only the columns in view are painted. One
 * cell is an element, in the tab order; arrows walk it.
 */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Point, Shown } from '../state/app.ts';
import { cellWidth, HEAD_COLUMN, HEAD_ROW, rowHeight, TIGHT, walk } from '../state/grid.ts';
import type { Extent, Shade } from '../state/statistics.ts';
import { ActiveCell, GridCells } from './GridCells.tsx';
import { LayerHeads, TokenHeads } from './GridHeads.tsx';
import { GridMarks } from './GridMarks.tsx';
import { useGround, useNear, usePage, useSeen, useSelect, useWidth } from './hooks.ts';
import { useBlocks } from './gridScroll.ts';

interface Props {
  readonly shown: Shown;
  readonly index: number;
  readonly colourBy: 'state' | Shade;
  readonly scale: Extent | null;
}

export function Grid({ shown, index, colourBy, scale }: Props): JSX.Element {
  const { result } = shown;
  const { layers } = result.model;
  const positions = result.tokens.length;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const cell = cellWidth(width, positions);
  const row = rowHeight(layers);
  const seen = useSeen(frame);
  const near = useNear(frame) || seen;
  const blocks = useBlocks(frame, width - HEAD_COLUMN, cell, positions);
  const { active, handlers } = useWalk(frame, shown, index, cell, row);
  const only = useSelect((app) => app.link.state);
  const ground = useGround();
  const common = { result, cell, row };
  const columns = { result, cell, blocks, seen };
  const colouring = { colourBy, scale };
  return (
    <div
      ref={frame}
      class="grid-frame"
      role="grid"
      aria-label={`Layers by tokens, ${result.model.name}`}
      aria-rowcount={layers + 3}
      aria-colcount={positions + 1}
      {...handlers}
    >
      <div
        class={cell < TIGHT ? 'grid-body tight' : 'grid-body'}
        style={{
          width: `${HEAD_COLUMN + positions * cell}px`,
          height: `${2 * HEAD_ROW + (layers + 1) * row}px`,
        }}
      >
        {near && (
          <>
            <TokenHeads {...columns} kind="next" />
            <LayerHeads layers={layers} row={row} />
            <GridCells {...columns} {...colouring} row={row} only={only} ground={ground} />
            <TokenHeads {...columns} kind="read" />
            <GridMarks index={index} layers={layers} positions={positions} cell={cell} row={row} />
          </>
        )}
        <ActiveCell {...common} {...colouring} {...active} />
      </div>
    </div>
  );
}

type Place = Pick<Point, 'layer' | 'position'>;

/** The point under the pointer, from the painted cells; null outside of them. */
function placeAt(frame: HTMLElement | null, event: MouseEvent, cell: number, row: number): Place | null {
  const cells = frame?.querySelector('.grid-cells');
  if (!(event.target instanceof Element) || event.target.closest('.grid-layers, .grid-tokens') !== null)
    return null;
  if (cells === null || cells === undefined) return null;
  const { left, top, width, height } = cells.getBoundingClientRect();
  const x = event.clientX - left;
  const y = event.clientY - top;
  if (x < 0 || y < 0 || x >= width || y >= height) return null;
  const layers = Math.round(height / row) - 1;
  return { layer: layers - Math.floor(y / row), position: Math.floor(x / cell) };
}

function useWalk(
  frame: { current: HTMLDivElement | null },
  shown: Shown,
  index: number,
  cell: number,
  row: number,
) {
  const { store } = usePage();
  const { result } = shown;
  const { layers } = result.model;
  const [at, setActive] = useState<Place>({ layer: layers, position: 0 });
  const active = {
    layer: Math.min(at.layer, layers),
    position: Math.min(at.position, result.tokens.length - 1),
  };
  const walking = useRef(false);
  const point = (place: Place): Point => ({ model: index, ...place });
  useLayoutEffect(() => {
    if (!walking.current || frame.current === null) return;
    walking.current = false;
    reveal(frame.current, active, layers, cell, row);
    frame.current.querySelector<HTMLElement>('.cell')?.focus({ preventScroll: true });
    store.set({ link: point(active) });
  });
  const handlers = {
    onMouseMove: (event: MouseEvent) => {
      const place = placeAt(frame.current, event, cell, row);
      const { link } = store.get();
      if (
        place === null ||
        (link.model === index && link.layer === place.layer && link.position === place.position)
      )
        return;
      store.set({ link: point(place) });
    },
    onMouseLeave: () => {
      store.set({ link: {} });
    },
    onFocusIn: (event: FocusEvent) => {
      if (event.target instanceof Element && event.target.matches('.cell'))
        store.set({ link: point(active) });
    },
    onFocusOut: () => {
      store.set({ link: {} });
    },
    onClick: (event: MouseEvent) => {
      const place = placeAt(frame.current, event, cell, row);
      if (place === null) return;
      setActive(place);
      store.set({ selected: point(place) });
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        store.set({ selected: point(active) });
        return;
      }
      const next = walk(active, event.key, event.ctrlKey || event.metaKey, result);
      if (next === null) return;
      event.preventDefault();
      walking.current = true;
      setActive(next);
      if (store.get().selected?.model === index) store.set({ selected: point(next) });
    },
  };
  return { active, handlers };
}

/** Scroll the frame so that a cell is clear of the sticky heads; also draws its column. */
function reveal(
  frame: HTMLElement,
  { layer, position }: Place,
  layers: number,
  cell: number,
  row: number,
): void {
  const left = position * cell;
  const room = frame.clientWidth - HEAD_COLUMN;
  if (left < frame.scrollLeft) frame.scrollLeft = left;
  else if (left + cell > frame.scrollLeft + room) frame.scrollLeft = left + cell - room;
  const top = (layers - layer) * row;
  const height = frame.clientHeight - 2 * HEAD_ROW;
  if (top < frame.scrollTop) frame.scrollTop = top;
  else if (top + row > frame.scrollTop + height) frame.scrollTop = top + row - height;
}
