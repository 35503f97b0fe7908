/** Runs something when the browser has nothing better to do; `latest`: after so many milliseconds in any case. */
export function whenIdle(run: () => void, latest?: number): void {
  // Safari does not tell when it is idle.
  if (!('requestIdleCallback' in window)) setTimeout(run, latest === undefined ? 200 : latest / 5);
  else if (latest === undefined) requestIdleCallback(run);
  else requestIdleCallback(run, { timeout: latest });
}
