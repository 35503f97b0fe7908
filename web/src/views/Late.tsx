/**
 * What is in sight renders at once; what is not, when the browser has time. A change of colours then costs what the
 * screen shows of it, and what lies beside is ready before it is scrolled to.
 */
import { Component, type ComponentChildren } from 'preact';

interface Props {
  readonly now: boolean;
  readonly children: ComponentChildren;
}

export class Late extends Component<Props> {
  override shouldComponentUpdate({ now }: Props): boolean {
    if (now) waiting.delete(this);
    else wait(this);
    return now;
  }

  override componentWillUnmount(): void {
    waiting.delete(this);
  }

  override render({ children }: Props): ComponentChildren {
    return children;
  }
}

const waiting = new Set<Late>();

/** As many at a time, so that the next frame never waits long. */
const FEW = 4;

function wait(one: Late): void {
  if (waiting.size === 0) whenIdle(renderFew);
  waiting.add(one);
}

function renderFew(): void {
  const few = [...waiting].slice(0, FEW);
  for (const one of few) {
    waiting.delete(one);
    one.forceUpdate();
  }
  if (waiting.size > 0) whenIdle(renderFew);
}

function whenIdle(run: () => void): void {
  // Safari does not tell when it is idle.
  if ('requestIdleCallback' in window) requestIdleCallback(run);
  else setTimeout(run, 50);
}

/** Paper shows everything. */
addEventListener('beforeprint', () => {
  for (const one of waiting) one.forceUpdate();
  waiting.clear();
});
