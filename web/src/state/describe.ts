/** One point in one line, for the readout and for screen readers. */
import type { CellContent } from './cell.ts';
import { visible } from './format.ts';
import { layerName, tokenText, type Result } from './result.ts';
import { ABOUT_STATE } from './states.ts';
import { shown } from './statistics.ts';

function leading(result: Result, layer: number, position: number): string {
  const top = result.points.top[layer]?.[position]?.[0];
  return top === undefined ? '–' : visible(tokenText(result, top[0]));
}

function mood(result: Result, layer: number, position: number): string {
  const state = result.points.state[layer]?.[position] ?? null;
  return state === null ? 'no state at the embedding' : `${state}, ${ABOUT_STATE[state].name}`;
}

function place(result: Result, layer: number, position: number): string {
  const after = visible(result.tokens[position]?.text ?? '');
  return `layer ${layerName(layer, result.model.layers)}, after ${after}`;
}

export function describePoint(result: Result, layer: number, position: number): string {
  const p1 = shown('p1', result.points.p1[layer]?.[position]);
  const where = place(result, layer, position);
  return `${where}: says ${leading(result, layer, position)} with p ${p1}; ${mood(result, layer, position)}`;
}

/** Begins with the two lines that the cell shows. */
export function cellLabel(result: Result, layer: number, position: number, cell: CellContent): string {
  const p1 = shown('p1', result.points.p1[layer]?.[position]);
  const seen = `${cell.text} ${cell.minor}`.trim();
  return `${seen}; ${place(result, layer, position)}; p ${p1}; ${mood(result, layer, position)}`;
}
