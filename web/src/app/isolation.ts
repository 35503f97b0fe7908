/**
 * Cross-origin isolation, which threads need, on hosts that cannot send its headers: a service worker adds them from the
 * next navigation on. On the first visit the page is loaded once more at once, unless a person has begun to use it.
 */
const TRIED = 'logitscope-isolation';

/** Embedded, isolation is the outer page's business; under a service worker already, there is nothing more to try. */
function worthTrying(workers: ServiceWorkerContainer | undefined): workers is ServiceWorkerContainer {
  const needed = !window.crossOriginIsolated && window.parent === window;
  return needed && workers?.controller === null && import.meta.env.PROD;
}

/** Once in a tab, so that a browser that will not isolate is never reloaded twice. */
function firstTry(): boolean {
  try {
    const first = sessionStorage.getItem(TRIED) === null;
    sessionStorage.setItem(TRIED, 'yes');
    return first;
  } catch {
    return false;
  }
}

/** True when the page is about to be loaded again. */
export async function isolate(): Promise<boolean> {
  // Service workers exist in secure contexts only; the type does not say so.
  const workers = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (!worthTrying(workers)) return false;
  const use = { begun: false };
  const begin = (): void => {
    use.begun = true;
  };
  for (const event of ['pointerdown', 'keydown', 'dragenter'])
    addEventListener(event, begin, { once: true, capture: true });
  try {
    await workers.register('./isolation.js');
    await workers.ready;
  } catch {
    return false; // refused here; one thread will do
  }
  if (use.begun || !firstTry()) return false;
  location.reload();
  return true;
}
