/** What stands around the painted cells: the tokens above and below, the layers at the left. They stay in view. */
import { Component, type JSX } from 'preact';
import { visible } from '../state/format.ts';
import { HEAD_COLUMN, HEAD_ROW, type Range } from '../state/grid.ts';
import { layerName, type Result } from '../state/result.ts';

interface TokenProps {
  readonly result: Result;
  readonly range: Range;
  readonly cell: number;
  /** The tokens that are read (below), or those that really come next (above). */
  readonly kind: 'next' | 'read';
}

function same(before: object, after: object): boolean {
  for (const key in after) {
    if (before[key as never] !== after[key as never]) return false;
  }
  return true;
}

export class TokenHeads extends Component<TokenProps> {
  override shouldComponentUpdate(next: TokenProps): boolean {
    return !same(this.props, next);
  }

  override render({ result, range, cell, kind }: TokenProps): JSX.Element {
    const shift = kind === 'next' ? 1 : 0;
    const heads: JSX.Element[] = [];
    for (let position = range.first; position < range.end; position += 1) {
      const token = result.tokens[position + shift];
      heads.push(
        <div
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
        class={`grid-tokens ${kind}`}
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

/** One sticky column: a sticky element per layer would be a layer of the compositor each. Every cell names its own. */
export class LayerHeads extends Component<{ readonly layers: number; readonly row: number }> {
  override shouldComponentUpdate(next: { readonly layers: number; readonly row: number }): boolean {
    return !same(this.props, next);
  }

  override render({ layers, row }: { readonly layers: number; readonly row: number }): JSX.Element {
    const names = Array.from({ length: layers + 1 }, (_, i) => layerName(layers - i, layers));
    return (
      <div
        class="grid-layers"
        aria-hidden="true"
        style={{ width: `${HEAD_COLUMN}px`, height: `${(layers + 1) * row}px` }}
      >
        {names.map((name) => (
          <div key={name} class="grid-head" style={{ height: `${row}px` }}>
            {name}
          </div>
        ))}
      </div>
    );
  }
}
