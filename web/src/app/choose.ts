/** Which models the next run is about. */
import type { Page } from './page.ts';
import { countTokensSoon } from './tokens.ts';

export function toggleModel(page: Page, id: string): void {
  page.store.set(({ chosen, ...state }) => ({
    ...state,
    chosen: chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id],
  }));
  countTokensSoon(page);
}
