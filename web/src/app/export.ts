/** Hands files to the person: full precision, as the core wrote them. */
import { EngineError } from '../engine/protocol.ts';
import { withFailure, type Shown } from '../state/app.ts';
import { failureFrom } from '../state/failure.ts';
import type { Page } from './page.ts';

export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}

export function saveJson(shown: readonly Shown[]): void {
  const objects = shown.map(({ json, result }) => json ?? JSON.stringify(result));
  save('logitscope.json', new Blob([`[${objects.join(',\n')}]\n`], { type: 'application/json' }));
}

export async function saveCsv(page: Page, one: Shown): Promise<void> {
  const { settings } = page.store.get();
  page.store.set((state) => withFailure(state, 'export', null));
  try {
    const csv = await page.engine.request<'csv'>({ kind: 'csv', key: one.model, settings });
    save(`logitscope-${one.model}.csv`, new Blob([csv], { type: 'text/csv' }));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const failure = {
      ...failureFrom('The CSV was not written.', error),
      todo: 'Press Analyze, then export again.',
    };
    page.store.set((state) => withFailure(state, 'export', failure));
  }
}
