/** How many tokens the text has, for each model that is loaded anyway. Nothing is loaded for the count. */
import { EngineError } from '../engine/protocol.ts';
import type { Page } from './page.ts';

const PAUSE = 200;
let timer: ReturnType<typeof setTimeout> | undefined;

export async function countTokens(page: Page): Promise<void> {
  const { text, chosen } = page.store.get();
  const counts = new Map<string, number>();
  for (const key of chosen.filter((id) => page.sources.has(id))) {
    try {
      counts.set(key, await page.engine.request<'tokenize'>({ kind: 'tokenize', key, text }));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
    }
  }
  if (page.store.get().text === text) page.store.set({ counts });
}

/** After a pause in typing, and never in the middle of a run. */
export function countTokensSoon(page: Page): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (page.running === null) void countTokens(page);
  }, PAUSE);
}
