/** The page under test: served from a sub-path on a free port, and never with an error on its console. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { PAGE, ROOT, SERVER, SITE } from './paths.ts';

export { expect };

interface Site {
  readonly url: string;
}

/** The page on a free port while `use` runs; `more` goes into the server's environment. */
async function serve(more: Record<string, string>, use: (site: Site) => Promise<void>): Promise<void> {
  const server = spawn('npx', ['tsx', SERVER], {
    cwd: ROOT,
    env: { ...process.env, DIST: SITE, PORT: '0', ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const url = /http:\S+/.exec(line.toString())?.[0] ?? '';
  await use({ url: `${url}${PAGE}` });
  if (server.pid !== undefined) process.kill(-server.pid);
}

export const test = base.extend<{ quiet: undefined; expected: RegExp | null }, { site: Site; plain: Site }>({
  /** What a test provokes, and the browser notes on the console. */
  expected: [null, { option: true }],
  site: [({}, use) => serve({}, use), { scope: 'worker' }],
  /** The same from a host that sends no headers of isolation. */
  plain: [({}, use) => serve({ PLAIN: 'yes' }, use), { scope: 'worker' }],
  baseURL: async ({ site }, use) => {
    await use(site.url);
  },
  quiet: [
    async ({ page, expected }, use) => {
      const errors: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(error.message));
      await use(undefined);
      expect(errors.filter((text) => expected?.test(text) !== true)).toEqual([]);
    },
    { auto: true },
  ],
});

export const TEXT = 'In the beginning God created the heaven and the earth.';

export function analyze(page: Page): Locator {
  return page.getByRole('button', { name: 'Analyze', exact: true });
}

export async function open(page: Page, fragment = ''): Promise<void> {
  await page.goto(`./${fragment}`);
  await expect(page.getByText('Recorded example', { exact: true })).toBeVisible();
}

/** From the next navigation on, no worker ever answers: what the page does now, it does without the engine. */
export async function withoutEngine(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.Worker = class extends EventTarget {
      readonly postMessage = () => undefined;
      readonly terminate = () => undefined;
    } as unknown as typeof Worker;
  });
}

/** Press Analyze and wait for every chosen model. */
export async function measure(page: Page): Promise<void> {
  await analyze(page).click();
  await expect(page.getByText('Measured here', { exact: true })).toBeVisible();
  await expect(analyze(page)).toBeVisible();
}

export async function chooseFile(
  page: Page,
  file: string | { name: string; content: string | Buffer },
): Promise<void> {
  const more = page.getByRole('button', { name: /^More models/ });
  const closed = (await more.getAttribute('aria-expanded')) === 'false';
  if (closed) await more.click();
  const input = page.getByLabel('Model file');
  if (typeof file === 'string') await input.setInputFiles(file);
  else await input.setInputFiles({ name: file.name, mimeType: '', buffer: Buffer.from(file.content) });
  if (closed) await more.click();
}

export function failures(page: Page): Locator {
  return page.locator('.failure');
}

export async function digests(page: Page): Promise<(string | null)[]> {
  return page
    .locator('[data-digest]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-digest')));
}

/** The one cell that is in the tab order, if it is this one. */
export function cell(page: Page, layer: number, position: number): Locator {
  return page.locator(`[data-layer="${layer}"][data-position="${position}"]`).first();
}

/** Clicks where the first grid paints a cell. */
export async function clickCell(page: Page, layer: number, position: number): Promise<void> {
  const grid = page.getByRole('grid').first();
  await grid.scrollIntoViewIfNeeded();
  const cells = grid.locator('.grid-cells');
  const rows = Number(await grid.getAttribute('aria-rowcount')) - 2;
  const columns = Number(await grid.getAttribute('aria-colcount')) - 1;
  const { width, height } = (await cells.boundingBox()) ?? { width: 0, height: 0 };
  const x = ((position + 0.5) * width) / columns;
  await cells.click({ position: { x, y: ((rows - 1 - layer + 0.5) * height) / rows } });
}

export function settings(page: Page): Locator {
  return page.locator('.settings > summary');
}
