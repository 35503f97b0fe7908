/** Progress that is worth showing. */
import type { Step } from './protocol.ts';

/** To show a step takes a processor from the work for some milliseconds. */
const GAP = 100;

/** Passes a step on where none was within the last 100 ms, and the first of every phase. */
export function spaced(
  report: (step: Step) => void,
  now = (): number => performance.now(),
): (step: Step) => void {
  let phase: Step['phase'] | null = null;
  let last = -Infinity;
  return (step) => {
    if (step.phase === phase && now() - last < GAP) return;
    phase = step.phase;
    last = now();
    report(step);
  };
}
