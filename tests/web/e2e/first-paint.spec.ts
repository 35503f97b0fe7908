import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SITE } from './support/paths.ts';
import { clickCell, expect, open, test, TEXT, withoutEngine } from './support/test.ts';

const BUDGET = 500_000;

test('shows the recorded example without asking for a model, and before it asks for the engine', async ({
  page,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await withoutEngine(page);
  await open(page);
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue(TEXT);
  await expect(page.locator('.answer-main')).toContainText('settles on its next token');
  await expect(page.locator('.grid-frame')).toHaveCount(2);
  await expect(page.locator('.figure canvas')).toHaveCount(6);
  await page.waitForLoadState('networkidle');
  expect(asked.filter((url) => /\.(gguf|wasm|mjs)/.test(url))).toEqual([]);
});

/** What a host that compresses would send for a path of the site. */
function compressed(path: string): number {
  const file = join(SITE, path.endsWith('/') ? `${path}index.html` : path);
  return gzipSync(readFileSync(file)).length;
}

test('fetches less than 500 kB before a model, with the engine', async ({ context, page }) => {
  const asked = new Set<string>();
  context.on('request', (request) => asked.add(new URL(request.url()).pathname));
  await open(page);
  await expect.poll(() => [...asked].some((path) => path.endsWith('.wasm'))).toBe(true);
  await page.waitForLoadState('networkidle');
  expect([...asked].filter((path) => path.endsWith('.gguf'))).toEqual([]);
  const total = [...asked].reduce((sum, path) => sum + compressed(path), 0);
  test.info().annotations.push({ type: 'bytes before a model, gzip', description: String(total) });
  expect(total).toBeLessThan(BUDGET);
});

test('is interactive before anything is computed', async ({ page }) => {
  await open(page);
  await clickCell(page, 3, 2);
  const drawer = page.getByRole('complementary', { name: 'Selected point' });
  await expect(drawer.locator('.candidates li')).toHaveCount(10);
  await expect(drawer.locator('.statistics dt')).toHaveCount(20);
  await page.getByLabel('Colour by').selectOption('entropy');
  await expect(page.locator('.ramp')).toContainText('Entropy (nats)');
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
});
