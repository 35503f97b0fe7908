/** One point in one line, for the readout and for screen readers. */
import { orDash, visible } from './format.ts';
import { layerName, tokenText, type Result } from './result.ts';
import { ABOUT_STATE } from './states.ts';
import { ABOUT, shadeAt, type Shade } from './statistics.ts';

export function describePoint(
  result: Result,
  layer: number,
  position: number,
  shade: Shade | null = null,
): string {
  const state = result.points.state[layer]?.[position] ?? null;
  const after = visible(result.tokens[position]?.text ?? '');
  const top = result.points.top[layer]?.[position]?.[0];
  const says =
    top === undefined ? 'nothing' : `${visible(tokenText(result, top[0]))} with p ${orDash(top[1])}`;
  const mood = state === null ? 'no state at the embedding' : `state ${state}, ${ABOUT_STATE[state].name}`;
  const extra =
    shade === null ? '' : `, ${ABOUT[shade].title} ${orDash(shadeAt(result, shade, layer, position))}`;
  return `Layer ${layerName(layer, result.model.layers)}, after ${after}: says ${says}, ${mood}${extra}`;
}
