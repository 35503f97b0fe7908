/**
 * Renders what is in sight at once, as long as that keeps the frame in time, and the rest when the browser has time. A
 * change of colours then costs what the screen shows of it, and what lies beside is ready before it is scrolled to.
 */
import { Component, type JSX } from 'preact';
import { whenIdle } from '../app/idle.ts';

interface Props {
  readonly inSight: boolean;
  /** A function, for an element that waits would keep the one before it alive, and that one the one before. */
  readonly children: () => JSX.Element;
}

export class Late extends Component<Props> {
  /** What is on the page. Given back as it is, it costs nothing. */
  private shown: JSX.Element | null = null;
  private called = false;

  override componentWillUnmount(): void {
    waiting.delete(this);
  }

  override render({ inSight, children }: Props): JSX.Element | null {
    const { called } = this;
    this.called = false;
    if (printing || (called && inTime())) {
      waiting.delete(this);
      this.shown = children();
    } else {
      wait(this);
      // At once, but after what renders now: it is painted before the next one asks whether there is time.
      if (inSight && !called) this.call();
    }
    return this.shown;
  }

  /** Its turn has come. */
  call(): void {
    this.called = true;
    this.forceUpdate();
  }
}

/** Milliseconds that rendering may take in one go: laying out and painting take several times as much. */
const BUDGET = 3;
let began: number | null = null;

function inTime(): boolean {
  if (began === null) {
    began = performance.now();
    // Painting would have the page styled. Done first, it counts: with every colour changed, the frame is late already.
    getComputedStyle(document.body).getPropertyValue('color');
    setTimeout(() => {
      began = null;
    });
  }
  return performance.now() - began < BUDGET;
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
  for (const one of all) one.call();
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
