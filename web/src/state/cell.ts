/** What one cell of the grid says: the same on the screen and in the SVG. */
import { shadeColour, STATE_COLOUR } from './colour.ts';
import { visible } from './format.ts';
import { tokenText, type Result } from './result.ts';
import { brief, shadeAt, type Extent, type Shade } from './statistics.ts';

/** What the cells are coloured by; `scale` is null for states. */
export interface Colouring {
  readonly colourBy: 'state' | Shade;
  readonly scale: Extent | null;
}

export interface CellContent {
  /** The leading token. */
  readonly text: string;
  /** The state's letter, or the statistic in brief. */
  readonly minor: string;
  /** Null where the value does not exist. */
  readonly fill: string | null;
  /** The leading token is the one that really comes next. */
  readonly comes: boolean;
}

export function cellContent(
  result: Result,
  layer: number,
  position: number,
  { colourBy, scale }: Colouring,
): CellContent {
  const top = result.points.top[layer]?.[position]?.[0];
  const state = result.points.state[layer]?.[position] ?? null;
  const shade = colourBy === 'state' ? null : shadeAt(result, colourBy, layer, position);
  const stateFill = state === null ? null : STATE_COLOUR[state];
  return {
    text: top === undefined ? '–' : visible(tokenText(result, top[0])),
    minor: colourBy === 'state' ? (state ?? '') : brief(colourBy, shade),
    fill: scale === null ? stateFill : shade === null ? null : shadeColour(shade, scale),
    comes: top !== undefined && result.tokens[position + 1]?.id === top[0],
  };
}
