/** The geometry of the grid, and the path of the commit line across it. */
import type { Result } from './result.ts';

export const ROW = 38;
const ROW_DENSE = 30;
export const HEAD_ROW = 30;
export const HEAD_COLUMN = 50;
const NARROWEST = 44;
const COMFORTABLE = 60;
/** Below this width cells take a smaller face. */
export const TIGHT = 54;
const WIDEST = 104;
/** Columns in a block. */
export const BLOCK = 4;

/** Cells fill the room there is, as long as a token can be read in them; a grid that scrolls anyway takes more. */
export function cellWidth(available: number, positions: number): number {
  if (available <= HEAD_COLUMN || positions === 0) return COMFORTABLE;
  const fit = Math.floor((available - HEAD_COLUMN) / positions);
  return fit < NARROWEST ? COMFORTABLE : Math.min(WIDEST, fit);
}

export function rowHeight(layers: number): number {
  return layers > 12 ? ROW_DENSE : ROW;
}

export interface Range {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

/** Columns that are drawn together, and kept for as long as they are in view or next to it. */
export interface Block extends Range {
  /** The block that comes takes the slot, and with it the elements, of the one that left. */
  readonly slot: number;
  readonly inView: boolean;
}

/** The blocks that are in view, and the one that has slot 0. */
export interface View extends Range {
  readonly origin: number;
}

/** The view at a scroll position, after another; the same one where no block came or went. */
export function viewAt(left: number, width: number, cell: number, before: View): View {
  const block = BLOCK * cell;
  const first = Math.floor(left / block);
  const end = Math.ceil((left + width) / block);
  if (first === before.first && end === before.end) return before;
  // A jump to other blocks leaves the slots in their order, so that no element has to move.
  const jump = first >= before.end || end <= before.first;
  return { first, end, origin: jump ? before.origin + first - before.first : before.origin };
}

/** The blocks to draw: those in view and one more on each side. */
export function blocksOf(view: View, width: number, cell: number, positions: number): Block[] {
  const slots = Math.ceil(width / (BLOCK * cell)) + 3;
  const blocks: Block[] = [];
  for (let block = view.first - 1; block <= view.end; block += 1) {
    const first = block * BLOCK;
    if (first < 0 || first >= positions) continue;
    const end = Math.min(positions, first + BLOCK);
    const slot = modulo(block - view.origin, slots);
    blocks.push({ first, end, slot, inView: block >= view.first && block < view.end });
  }
  return blocks;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/**
 * The commit line as an SVG path. It runs along the lower edge of each token's commit layer: from there upwards the
 * leading token no longer changes. Row 0 is the output, at the top.
 */
export function commitPath(commit: readonly number[], layers: number, cell: number, row: number): string {
  let path = '';
  commit.forEach((layer, position) => {
    const y = (layers - layer + 1) * row;
    path += `${position === 0 ? 'M0 ' : 'V'}${y}H${(position + 1) * cell}`;
  });
  return path;
}

type Move = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | 'Home' | 'End' | 'PageUp' | 'PageDown';

interface Place {
  readonly layer: number;
  readonly position: number;
}

/** Where a key leads from a cell; null for keys that do not walk. Up is towards the output. */
export function walk(from: Place, key: string, control: boolean, result: Result): Place | null {
  const top = result.model.layers;
  const last = result.tokens.length - 1;
  const to = (layer: number, position: number): Place => ({
    layer: Math.min(top, Math.max(0, layer)),
    position: Math.min(last, Math.max(0, position)),
  });
  const steps: Record<Move, Place> = {
    ArrowUp: to(from.layer + 1, from.position),
    ArrowDown: to(from.layer - 1, from.position),
    ArrowLeft: to(from.layer, from.position - 1),
    ArrowRight: to(from.layer, from.position + 1),
    Home: to(control ? top : from.layer, 0),
    End: to(control ? 0 : from.layer, last),
    PageUp: to(top, from.position),
    PageDown: to(0, from.position),
  };
  return Object.hasOwn(steps, key) ? steps[key as Move] : null;
}
