/** Which columns a grid draws as it scrolls. Grids of one text scroll together, and are drawn in the same frame. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { BLOCK, blocksAt, type Block } from '../state/grid.ts';

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
  const [from, setFrom] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const block = BLOCK * cell;
    // A step inside of a block changes nothing.
    const show = (left: number): void => {
      setFrom(Math.floor(left / block) * block);
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
  }, [frame, cell, positions]);
  return useMemo(() => blocksAt(from, width, cell, positions), [from, width, cell, positions]);
}
