/** Runs something when the browser has nothing better to do, or a tenth of a second later. */
export function whenIdle(run: () => void): void {
  // Safari does not tell when it is idle.
  if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: 100 });
  else setTimeout(run, 20);
}
