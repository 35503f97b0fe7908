/** The engine is fetched and compiled when the page is painted and idle, so that no analysis waits for it. */
import { isolate } from './isolation.ts';
import type { Page } from './page.ts';

function idle(): Promise<void> {
  return new Promise((resolve) => {
    // Safari has no idle callback.
    if ('requestIdleCallback' in window)
      requestIdleCallback(() => {
        resolve();
      });
    else setTimeout(resolve, 200);
  });
}

export async function warm({ engine, store }: Page): Promise<void> {
  if (await isolate()) return;
  await idle();
  try {
    const { oneThread } = await engine.request<'warm'>({ kind: 'warm' });
    store.set({ oneThread });
  } catch {
    // Whoever needs the engine asks again, and is told.
  }
}
