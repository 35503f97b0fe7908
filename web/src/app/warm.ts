/** The engine is fetched and compiled when the page is painted and idle, so that no analysis waits for it. */
import { whenIdle } from './idle.ts';
import { isolate } from './isolation.ts';
import type { Page } from './page.ts';

export async function warm({ engine, store }: Page): Promise<void> {
  if (await isolate()) return;
  await new Promise<void>((resolve) => {
    whenIdle(resolve);
  });
  try {
    const { oneThread } = await engine.request<'warm'>({ kind: 'warm' });
    store.set({ oneThread });
  } catch {
    // Whoever needs the engine asks again, and is told.
  }
}
