import { Component, type JSX } from 'preact';
import { inkOn, shadeColour, STATE_COLOUR } from '../state/colour.ts';
import { cellLabel } from '../state/describe.ts';
import { visible } from '../state/format.ts';
import { HEAD_COLUMN, HEAD_ROW, type Range } from '../state/grid.ts';
import { layerName, tokenText, type Result } from '../state/result.ts';
import { brief, shadeAt, type Extent, type Shade } from '../state/statistics.ts';

interface Common {
  readonly result: Result;
  readonly range: Range;
  readonly cell: number;
  readonly row: number;
}
interface RowProps extends Common {
  readonly layer: number;
  readonly colourBy: 'state' | Shade;
  readonly scale: Extent | null;
  /** The position of the cell in the tab order, when it is in this row. */
  readonly active: number | null;
}

function same(before: object, after: object): boolean {
  for (const key in after) {
    if (before[key as never] !== after[key as never]) return false;
  }
  return true;
}

/** A layer. Renders again only when something of its own changed. */
export class GridRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return !same(this.props, next);
  }

  override render({ result, range, cell, row, layer, colourBy, scale, active }: RowProps): JSX.Element {
    const { layers } = result.model;
    const cells: JSX.Element[] = [];
    for (let position = range.first; position < range.end; position += 1) {
      cells.push(
        <Cell
          key={position}
          {...{ result, layer, position, cell, colourBy, scale }}
          inOrder={position === active}
        />,
      );
    }
    return (
      <div class="grid-row" role="row" aria-rowindex={layers - layer + 2} style={{ height: `${row}px` }}>
        <div class="grid-head" role="rowheader" style={{ width: `${HEAD_COLUMN}px` }}>
          {layerName(layer, layers)}
        </div>
        {cells}
      </div>
    );
  }
}

interface CellProps {
  readonly result: Result;
  readonly layer: number;
  readonly position: number;
  readonly cell: number;
  readonly colourBy: 'state' | Shade;
  readonly scale: Extent | null;
  readonly inOrder: boolean;
}

/** A point. Scrolling and walking leave all but a few as they are. */
class Cell extends Component<CellProps> {
  override shouldComponentUpdate(next: CellProps): boolean {
    return !same(this.props, next);
  }

  override render({ result, layer, position, cell, colourBy, scale, inOrder }: CellProps): JSX.Element {
    const top = result.points.top[layer]?.[position]?.[0];
    const text = top === undefined ? '–' : visible(tokenText(result, top[0]));
    const state = result.points.state[layer]?.[position] ?? null;
    const shade = colourBy === 'state' ? null : shadeAt(result, colourBy, layer, position);
    const fill = fillOf(state, shade, scale);
    const comes = top !== undefined && result.tokens[position + 1]?.id === top[0];
    const minor = colourBy === 'state' ? (state ?? '') : brief(colourBy, shade);
    return (
      <div
        class={cellClass(fill === null, comes, minor === '')}
        role="gridcell"
        aria-colindex={position + 2}
        aria-label={cellLabel(result, layer, position, minor)}
        tabIndex={inOrder ? 0 : -1}
        data-layer={layer}
        data-position={position}
        data-letter={state ?? undefined}
        style={cellStyle(position, cell, fill)}
      >
        <span class="cell-token">{text}</span> <span class="cell-minor">{minor}</span>
      </div>
    );
  }
}

function cellClass(bare: boolean, comes: boolean, single: boolean): string {
  return `cell${bare ? ' bare' : ''}${comes ? ' comes' : ''}${single ? ' single' : ''}`;
}

function cellStyle(position: number, cell: number, fill: string | null): Record<string, string> {
  const place = { left: `${HEAD_COLUMN + position * cell}px`, width: `${cell}px` };
  return fill === null ? place : { ...place, background: fill, color: inkOn(fill) };
}

function fillOf(
  state: keyof typeof STATE_COLOUR | null,
  shade: number | null,
  scale: Extent | null,
): string | null {
  if (scale !== null) return shade === null ? null : shadeColour(shade, scale);
  return state === null ? null : STATE_COLOUR[state];
}

/** The tokens that are read (below), or those that really come next (above). */
export class HeadRow extends Component<Common & { readonly kind: 'next' | 'read' }> {
  override shouldComponentUpdate(next: Common & { readonly kind: 'next' | 'read' }): boolean {
    return !same(this.props, next);
  }

  override render({ result, range, cell, kind }: Common & { readonly kind: 'next' | 'read' }): JSX.Element {
    const shift = kind === 'next' ? 1 : 0;
    const heads: JSX.Element[] = [];
    for (let position = range.first; position < range.end; position += 1) {
      const token = result.tokens[position + shift];
      heads.push(
        <div
          key={position}
          class="grid-token"
          role="columnheader"
          aria-colindex={position + 2}
          title={token === undefined ? 'The text ends here.' : visible(token.text)}
          style={{ left: `${HEAD_COLUMN + position * cell}px`, width: `${cell}px` }}
        >
          <span>{token === undefined ? '–' : visible(token.text)}</span>
        </div>,
      );
    }
    const rowIndex = kind === 'next' ? 1 : result.model.layers + 3;
    return (
      <div
        class={`grid-row grid-tokens ${kind}`}
        role="row"
        aria-rowindex={rowIndex}
        style={{ height: `${HEAD_ROW}px` }}
      >
        <div class="grid-head" role="columnheader" style={{ width: `${HEAD_COLUMN}px` }}>
          {kind === 'next' ? 'comes next' : 'reads'}
        </div>
        {heads}
      </div>
    );
  }
}
