/** The grid as a stand-alone SVG file, all columns of it. */
import { save } from '../app/export.ts';
import type { Shown } from '../state/app.ts';
import { cellContent } from '../state/cell.ts';
import { inkOn } from '../state/colour.ts';
import { clip, visible } from '../state/format.ts';
import { commitPath, HEAD_COLUMN, HEAD_ROW, ROW } from '../state/grid.ts';
import { layerName, type Result } from '../state/result.ts';
import { ABOUT, type Extent, type Shade } from '../state/statistics.ts';

const CELL = 84;
const LETTERS = 10;
const NAMESPACE = 'http://www.w3.org/2000/svg';

function element(name: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

function cell(
  result: Result,
  layer: number,
  position: number,
  colourBy: 'state' | Shade,
  scale: Extent | null,
): SVGElement {
  const group = element('g', {
    transform: `translate(${HEAD_COLUMN + position * CELL} ${HEAD_ROW + (result.model.layers - layer) * ROW})`,
  });
  const { text, minor, fill } = cellContent(result, layer, position, { colourBy, scale });
  const ground = fill ?? '#ffffff';
  group.append(
    element('rect', { width: CELL, height: ROW, fill: ground, stroke: '#ffffff' }),
    element(
      'text',
      { x: CELL / 2, y: 17, fill: inkOn(ground), 'font-family': 'monospace' },
      clip(text, LETTERS),
    ),
    element('text', { x: CELL / 2, y: 31, fill: inkOn(ground), 'font-size': 9 }, minor),
  );
  return group;
}

function drawing({ result }: Shown, colourBy: 'state' | Shade, scale: Extent | null): SVGElement {
  const { layers, name } = result.model;
  const positions = result.tokens.length;
  const width = HEAD_COLUMN + positions * CELL;
  const height = 2 * HEAD_ROW + (layers + 1) * ROW;
  const svg = element('svg', {
    xmlns: NAMESPACE,
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'sans-serif',
    'font-size': 12,
    'text-anchor': 'middle',
  });
  const shadeTitle = colourBy === 'state' ? 'state' : ABOUT[colourBy].title;
  svg.append(
    element('title', {}, `${name}: most likely next token by layer and position, coloured by ${shadeTitle}`),
    element('rect', { width, height, fill: '#ffffff' }),
  );
  for (let layer = 0; layer <= layers; layer += 1) {
    const y = HEAD_ROW + (layers - layer + 0.6) * ROW;
    svg.append(element('text', { x: HEAD_COLUMN / 2, y }, layerName(layer, layers)));
    for (let position = 0; position < positions; position += 1)
      svg.append(cell(result, layer, position, colourBy, scale));
  }
  result.tokens.forEach((token, position) => {
    const x = HEAD_COLUMN + (position + 0.5) * CELL;
    svg.append(
      element('text', { x, y: height - 10, 'font-family': 'monospace' }, clip(visible(token.text), LETTERS)),
    );
  });
  svg.append(
    element('path', {
      d: commitPath(result.summary.commit.by_position, layers, CELL, ROW),
      transform: `translate(${HEAD_COLUMN} ${HEAD_ROW})`,
      fill: 'none',
      stroke: '#000000',
      'stroke-width': 3,
    }),
  );
  return svg;
}

export function saveGridSvg(shown: Shown, colourBy: 'state' | Shade, scale: Extent | null): void {
  const text = new XMLSerializer().serializeToString(drawing(shown, colourBy, scale));
  save(`logitscope-${shown.model}-grid.svg`, new Blob([text], { type: 'image/svg+xml' }));
}
