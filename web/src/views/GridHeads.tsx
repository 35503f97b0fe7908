/** What stands around the painted cells: the tokens above and below, the layers at the left. They stay in view. */
import { Component, type JSX } from 'preact';
import { visible } from '../state/format.ts';
import { HEAD_COLUMN, HEAD_ROW, type Block, type Range } from '../state/grid.ts';
import { layerName, type Result } from '../state/result.ts';
import { Late } from './Late.tsx';

interface TokenProps {
  readonly result: Result;
  readonly blocks: readonly Block[];
  readonly seen: boolean;
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

  override render({ result, blocks, seen, cell, kind }: TokenProps): JSX.Element {
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
        {blocks.map(({ slot, first, end, inView }) => (
          <Late key={slot} inSight={seen && inView}>
            {() => <Tokens result={result} first={first} end={end} cell={cell} kind={kind} />}
          </Late>
        ))}
      </div>
    );
  }
}

type TokensProps = Omit<TokenProps, 'blocks' | 'seen'> & Range;

class Tokens extends Component<TokensProps> {
  override shouldComponentUpdate(next: TokensProps): boolean {
    return !same(this.props, next);
  }

  override render({ result, first, end, cell, kind }: TokensProps): JSX.Element {
    const shift = kind === 'next' ? 1 : 0;
    return (
      <div
        class="grid-block"
        role="presentation"
        style={{ left: `${HEAD_COLUMN + first * cell}px`, width: `${(end - first) * cell}px` }}
      >
        {Array.from({ length: end - first }, (_, i) => {
          const token = result.tokens[first + i + shift];
          const text = token === undefined ? undefined : visible(token.text);
          return (
            <div
              class="grid-token"
              role="columnheader"
              aria-colindex={first + i + 2}
              title={text ?? 'The text ends here.'}
              style={{ left: `${i * cell}px`, width: `${cell}px` }}
            >
              {text ?? '–'}
            </div>
          );
        })}
      </div>
    );
  }
}

/** One sticky text: a sticky element per layer would be a layer of the compositor each. Every cell names its own. */
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
        style={{ width: `${HEAD_COLUMN}px`, height: `${(layers + 1) * row}px`, lineHeight: `${row}px` }}
      >
        {names.join('\n')}
      </div>
    );
  }
}
