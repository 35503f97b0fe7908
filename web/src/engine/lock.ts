/** While a worker lives it holds a lock; when it dies, however it dies, the page is handed that lock (watch.ts). */
export function holdLock(name: string, onReady: () => void): void {
  // Locks exist in secure contexts only; the type does not say so.
  const locks = (self.navigator as { locks?: LockManager }).locks;
  if (locks === undefined) {
    onReady();
    return;
  }
  void locks.request(name, () => {
    onReady();
    return new Promise(() => undefined);
  });
}
