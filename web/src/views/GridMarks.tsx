/** What lies over the cells: the commit line, and the marks of the linked and the selected point. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Shown } from '../state/app.ts';
import { commitPath, HEAD_COLUMN, HEAD_ROW } from '../state/grid.ts';
import { useSelect } from './hooks.ts';

interface Props {
  readonly shown: Shown;
  readonly index: number;
  readonly cell: number;
  readonly row: number;
}

export function GridMarks({ shown, index, cell, row }: Props): JSX.Element {
  const { result } = shown;
  const { layers } = result.model;
  const positions = result.tokens.length;
  const path = useMemo(
    () => commitPath(result.summary.commit.by_position, layers, cell, row),
    [result, layers, cell, row],
  );
  const width = positions * cell;
  const height = (layers + 1) * row;
  return (
    <div
      class="grid-marks"
      aria-hidden="true"
      style={{ left: `${HEAD_COLUMN}px`, top: `${HEAD_ROW}px`, width: `${width}px`, height: `${height}px` }}
    >
      <svg width={width} height={height}>
        <path class="commit-halo" d={path} />
        <path class="commit-line" d={path} />
      </svg>
      <Bands {...{ layers, positions, cell, row }} />
      <Selected {...{ index, layers, cell, row }} />
    </div>
  );
}

interface Geometry {
  readonly layers: number;
  readonly positions: number;
  readonly cell: number;
  readonly row: number;
}

/** The row and the column that the pointer or the focus is on, in any figure. */
function Bands({ layers, positions, cell, row }: Geometry): JSX.Element {
  const layer = useSelect((state) => state.link.layer);
  const position = useSelect((state) => state.link.position);
  return (
    <>
      {layer !== undefined && layer <= layers && (
        <div
          class="band"
          style={{
            left: 0,
            top: `${(layers - layer) * row}px`,
            width: `${positions * cell}px`,
            height: `${row}px`,
          }}
        />
      )}
      {position !== undefined && position < positions && (
        <div
          class="band"
          style={{
            left: `${position * cell}px`,
            top: 0,
            width: `${cell}px`,
            height: `${(layers + 1) * row}px`,
          }}
        />
      )}
    </>
  );
}

function Selected({
  index,
  layers,
  cell,
  row,
}: Omit<Geometry, 'positions'> & { readonly index: number }): JSX.Element | null {
  const selected = useSelect((state) => state.selected);
  if (selected?.model !== index) return null;
  return (
    <div
      class="selected"
      style={{
        left: `${selected.position * cell}px`,
        top: `${(layers - selected.layer) * row}px`,
        width: `${cell}px`,
        height: `${row}px`,
      }}
    />
  );
}
