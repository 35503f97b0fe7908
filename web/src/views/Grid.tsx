/**
 * One model's grid. Rows are layers, the output on top; columns are tokens. Only the columns in view are drawn. One
 * cell at a time is in the tab order; arrows walk from it.
 */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Point, Shown } from '../state/app.ts';
import { cellWidth, HEAD_COLUMN, HEAD_ROW, rowHeight, TIGHT, visibleColumns, walk } from '../state/grid.ts';
import type { Extent, Shade } from '../state/statistics.ts';
import { GridMarks } from './GridMarks.tsx';
import { GridRow, HeadRow } from './GridRow.tsx';
import { usePage, useSelect, useWidth } from './hooks.ts';

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
  const range = useColumns(frame, width, cell, positions);
  const { active, handlers } = useWalk(frame, shown, index, cell, row);
  const state = useSelect((app) => app.link.state);
  const order = useMemo(() => Array.from({ length: layers + 1 }, (_, i) => layers - i), [layers]);
  const common = { result, range, cell, row };
  return (
    <div
      ref={frame}
      class="grid-frame"
      role="grid"
      aria-label={`Layers by tokens, ${result.model.name}`}
      aria-rowcount={layers + 3}
      aria-colcount={positions + 1}
      data-state={state}
      {...handlers}
    >
      <div
        class={cell < TIGHT ? 'grid-body tight' : 'grid-body'}
        style={{ width: `${HEAD_COLUMN + positions * cell}px`, '--row': `${row}px` }}
      >
        <HeadRow {...common} kind="next" />
        {order.map((layer) => (
          <GridRow
            key={layer}
            {...common}
            layer={layer}
            colourBy={colourBy}
            scale={scale}
            active={active.layer === layer ? active.position : null}
          />
        ))}
        <HeadRow {...common} kind="read" />
        <GridMarks shown={shown} index={index} cell={cell} row={row} />
      </div>
    </div>
  );
}

function useColumns(
  frame: { current: HTMLDivElement | null },
  width: number,
  cell: number,
  positions: number,
) {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const follow = (): void => {
      setLeft(element.scrollLeft);
      for (const other of document.querySelectorAll('.grid-frame'))
        if (other.scrollWidth === element.scrollWidth) other.scrollLeft = element.scrollLeft;
    };
    element.addEventListener('scroll', follow, { passive: true });
    return () => {
      element.removeEventListener('scroll', follow);
    };
  }, [frame]);
  const { first, end } = visibleColumns(left, width, cell, positions);
  return useMemo(() => ({ first, end }), [first, end]);
}

type Place = Pick<Point, 'layer' | 'position'>;

function placeOf(event: Event): Place | null {
  const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-layer]') : null;
  if (cell === null) return null;
  return { layer: Number(cell.dataset.layer), position: Number(cell.dataset.position) };
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
    frame.current
      .querySelector<HTMLElement>(`[data-layer="${active.layer}"][data-position="${active.position}"]`)
      ?.focus({ preventScroll: true });
  });
  const handlers = {
    onMouseOver: (event: MouseEvent) => {
      const place = placeOf(event);
      if (place !== null) store.set({ link: point(place) });
    },
    onMouseLeave: () => {
      store.set({ link: {} });
    },
    onFocusIn: (event: FocusEvent) => {
      const place = placeOf(event);
      if (place !== null) store.set({ link: point(place) });
    },
    onFocusOut: () => {
      store.set({ link: {} });
    },
    onClick: (event: MouseEvent) => {
      const place = placeOf(event);
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
