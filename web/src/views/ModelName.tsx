import type { JSX } from 'preact';
import { modelColour, modelDash } from '../state/colour.ts';

/** A model's name with the line that stands for it in the figures. */
export function ModelName({ name, index }: { readonly name: string; readonly index: number }): JSX.Element {
  return (
    <strong class="model-name">
      <svg width="28" height="10" aria-hidden="true">
        <line
          x1="1"
          x2="27"
          y1="5"
          y2="5"
          stroke={modelColour(index)}
          stroke-width="3"
          stroke-dasharray={modelDash(index).join(' ')}
        />
      </svg>{' '}
      {name}
    </strong>
  );
}
