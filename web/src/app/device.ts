/** What the browser says of the device. */

/** Gibibytes of memory, where the browser tells: rounded and capped, to say little of who is asking. */
export function deviceMemory(): number | null {
  return (navigator as { deviceMemory?: number }).deviceMemory ?? null;
}
