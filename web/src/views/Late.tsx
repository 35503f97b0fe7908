/**
 * Renders what is in sight at once, as long as that keeps the frame in time, and the rest when the browser has time. A
 * change of colours then costs what the screen shows of it, and what lies beside is ready before it is scrolled to.
 */
import { Component, type ComponentChildren } from 'preact';
import { whenIdle } from '../app/idle.ts';

interface Props {
  readonly inSight: boolean;
  readonly children: ComponentChildren;
}

export class Late extends Component<Props> {
  private empty: boolean;

  constructor(props: Props) {
    super(props);
    this.empty = !this.mayRender(props.inSight);
  }

  override shouldComponentUpdate(next: Props): boolean {
    // Without a change from above it is its turn.
    const now = this.mayRender(next.inSight || next === this.props);
    if (now) this.empty = false;
    return now;
  }

  override componentWillUnmount(): void {
    waiting.delete(this);
  }

  override render({ children }: Props): ComponentChildren {
    return this.empty ? null : children;
  }

  private mayRender(wanted: boolean): boolean {
    const now = printing || (wanted && inTime());
    if (now) waiting.delete(this);
    else wait(this);
    return now;
  }
}

/** Milliseconds that rendering may take in one go: laying out and painting take as much again. */
const BUDGET = 3;
let began: number | null = null;

function inTime(): boolean {
  const now = performance.now();
  if (began === null) {
    began = now;
    setTimeout(() => {
      began = null;
    });
  }
  return now - began < BUDGET;
}

/** Milliseconds after which what waits is rendered in any case. */
const LATEST = 100;

const waiting = new Set<Late>();

function wait(one: Late): void {
  if (waiting.size === 0) whenIdle(takeTurns, LATEST);
  waiting.add(one);
}

/** As many as are in time; the others go on waiting. */
function takeTurns(): void {
  const all = [...waiting].sort((a, b) => Number(b.props.inSight) - Number(a.props.inSight));
  waiting.clear();
  for (const one of all) one.setState({});
}

/** Paper shows everything. */
let printing = false;
addEventListener('beforeprint', () => {
  printing = true;
  takeTurns();
});
addEventListener('afterprint', () => {
  printing = false;
});
