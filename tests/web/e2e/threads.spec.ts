/** Threads where the page is isolated, one where it is not, and the same digests. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import recorded from '../../../web/src/recorded.json' with { type: 'json' };
import { digests, expect, measure, open, test } from './support/test.ts';

const REPLACEMENTS = 5;
const DIGESTS = recorded.results.map(({ result }) => result.digest);

function processors(page: Page): Promise<number> {
  return page.evaluate(() => Math.min(navigator.hardwareConcurrency, 8));
}

function isolated(page: Page): Promise<boolean> {
  return page.evaluate(() => crossOriginIsolated);
}

async function expectThreads(page: Page, threads: number): Promise<void> {
  const words = threads === 1 ? '1 thread' : `${threads} threads`;
  await expect(page.locator('.engine li').first()).toContainText(`kernel simd128, ${words},`);
  expect(await digests(page)).toEqual(DIGESTS);
}

test('headers of isolation give a thread for each processor', async ({ page }) => {
  await open(page);
  expect(await isolated(page)).toBe(true);
  await measure(page);
  await expectThreads(page, await processors(page));
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
});

test('without headers the service worker isolates the page, which is loaded once more', async ({
  page,
  plain,
}) => {
  let loads = 0;
  page.on('load', () => (loads += 1));
  await page.goto(plain.url);
  await expect.poll(() => isolated(page).catch(() => false)).toBe(true);
  await expect(page.getByText('Recorded example', { exact: true })).toBeVisible();
  await measure(page);
  await expectThreads(page, await processors(page));
  expect(loads).toBe(2);
});

test('a page in use is not loaded again', async ({ page, plain }) => {
  await page.addInitScript(() => {
    addEventListener('DOMContentLoaded', () => dispatchEvent(new KeyboardEvent('keydown')));
  });
  let loads = 0;
  page.on('load', () => (loads += 1));
  await page.goto(plain.url);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect(page.locator('.engine')).toContainText('One thread: the page is not cross-origin isolated.');
  expect(loads).toBe(1);
  await measure(page);
  await expectThreads(page, 1);
});

test('with neither headers nor service workers it runs on one thread and says why', async ({
  page,
  plain,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined });
  });
  await page.goto(plain.url);
  await measure(page);
  await expectThreads(page, 1);
  await expect(page.locator('.engine')).toContainText('One thread: the page is not cross-origin isolated.');
});

test('where threads cannot be started the page runs on one and says why', async ({ page }) => {
  await page.route(/logitscope-threads\.mjs$/, (route) => route.abort());
  await page.goto('./');
  await measure(page);
  await expectThreads(page, 1);
  await expect(page.locator('.engine')).toContainText('One thread: threads could not be started');
});

/** Threads of the renderers that run workers, as the system counts them. */
async function workerThreads(page: Page): Promise<number> {
  const session = await page.context().browser()?.newBrowserCDPSession();
  const processes = (await session?.send('SystemInfo.getProcessInfo'))?.processInfo ?? [];
  await session?.detach();
  return processes
    .filter(({ type }) => type === 'renderer')
    .flatMap(({ id }) => readdirSync(`/proc/${id}/task`).map((task) => `/proc/${id}/task/${task}/comm`))
    .filter((file) => readFileSync(file, 'utf8').startsWith('DedicatedWorker')).length;
}

test('an engine that is replaced takes its threads along', async ({ page }) => {
  test.slow();
  await open(page);
  await measure(page);
  const before = await workerThreads(page);
  expect(before).toBe(await processors(page));
  for (let i = 0; i < REPLACEMENTS; i++) {
    await page.workers()[0]?.evaluate(() => {
      self.close();
    });
    await expect.poll(() => page.workers().length).toBe(0);
    await measure(page);
  }
  await expect.poll(() => workerThreads(page)).toBe(before);
  expect(await digests(page)).toEqual(DIGESTS);
});
