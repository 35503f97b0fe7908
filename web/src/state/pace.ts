/** How fast a download goes and how long it will take, from what has been heard of it. */

/** Seconds over which the speed is smoothed: short enough to follow a change, long enough to be read. */
const MEMORY = 5;
/** Nothing is said before this much has been seen, in milliseconds. */
const PATIENCE = 1000;

export interface Pace {
  /** The first and the latest thing heard: bytes done, and when (milliseconds). */
  readonly began: number;
  readonly at: number;
  readonly done: number;
  /** Bytes per second, smoothed; null until two things have been heard. */
  readonly speed: number | null;
}

export function startPace(done: number, at: number): Pace {
  return { began: at, at, done, speed: null };
}

/** An exponential mean over time, so that many small reports weigh as much as few large ones. */
export function nextPace(pace: Pace, done: number, at: number): Pace {
  const seconds = (at - pace.at) / 1000;
  if (seconds <= 0) return { ...pace, done: Math.max(pace.done, done) };
  const now = Math.max(0, done - pace.done) / seconds;
  const weight = Math.exp(-seconds / MEMORY);
  const speed = pace.speed === null ? now : weight * pace.speed + (1 - weight) * now;
  return { ...pace, at, done, speed };
}

/** Bytes per second, or null while it is too early to say. */
export function speedOf(pace: Pace): number | null {
  return pace.at - pace.began < PATIENCE ? null : pace.speed;
}

/** Milliseconds until `total`, or null where nobody can say. */
export function timeToGo(pace: Pace, total: number): number | null {
  const speed = speedOf(pace);
  if (speed === null || speed <= 0 || pace.done >= total) return null;
  return ((total - pace.done) / speed) * 1000;
}
