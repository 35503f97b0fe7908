/** What lies over the cells: the marks of the linked and the selected point. */
import type { JSX } from 'preact';
import { HEAD_COLUMN, HEAD_ROW } from '../state/grid.ts';
import { useSelect } from './hooks.ts';

interface Geometry {
  readonly layers: number;
  readonly positions: number;
  readonly cell: number;
  readonly row: number;
}

export function GridMarks({ index, ...geometry }: Geometry & { readonly index: number }): JSX.Element {
  const { layers, positions, cell, row } = geometry;
  const width = `${positions * cell}px`;
  const height = `${(layers + 1) * row}px`;
  return (
    <div
      class="grid-marks"
      aria-hidden="true"
      style={{ left: `${HEAD_COLUMN}px`, top: `${HEAD_ROW}px`, width, height }}
    >
      <Bands {...geometry} />
      <Selected {...geometry} index={index} />
    </div>
  );
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

function Selected({ index, layers, cell, row }: Geometry & { readonly index: number }): JSX.Element | null {
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
