/** Which columns a grid draws as it scrolls. Grids of one text scroll together, and are drawn in the same frame. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { blocksOf, viewAt, type Block, type View } from '../state/grid.ts';

interface Scroller {
  readonly element: HTMLElement;
  readonly positions: number;
  readonly show: (left: number) => void;
}

const scrollers = new Set<Scroller>();
/** Where the scrollers of one text were last brought to, so that the echo of the others is not followed again. */
let synced = -1;

function lead(scroller: Scroller): void {
  const { element, positions, show } = scroller;
  const left = element.scrollLeft;
  show(left);
  if (left === synced) return;
  synced = left;
  for (const other of scrollers) {
    if (other === scroller || other.positions !== positions) continue;
    other.element.scrollLeft = left;
    other.show(left);
  }
}

export function useBlocks(
  frame: RefObject<HTMLElement | null>,
  width: number,
  cell: number,
  positions: number,
): readonly Block[] {
  const [view, setView] = useState<View>({ first: 0, end: 0, origin: 0 });
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const show = (left: number): void => {
      setView((before) => viewAt(left, width, cell, before));
    };
    const scroller = { element, positions, show };
    const follow = (): void => {
      lead(scroller);
    };
    show(element.scrollLeft);
    scrollers.add(scroller);
    element.addEventListener('scroll', follow, { passive: true });
    return () => {
      scrollers.delete(scroller);
      element.removeEventListener('scroll', follow);
    };
  }, [frame, width, cell, positions]);
  return useMemo(() => blocksOf(view, width, cell, positions), [view, width, cell, positions]);
}
