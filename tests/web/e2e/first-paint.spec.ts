import { clickCell, expect, open, test, TEXT } from './support/test.ts';

const BUDGET = 500_000;

test('shows the recorded example without asking for a model or an engine', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await open(page);
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue(TEXT);
  await expect(page.locator('.answer-main')).toContainText('settles on its next token');
  await expect(page.locator('.grid-frame')).toHaveCount(2);
  await expect(page.locator('.figure canvas')).toHaveCount(6);
  await page.waitForLoadState('networkidle');
  expect(asked.filter((url) => /\.(gguf|wasm|mjs)|worker/.test(url))).toEqual([]);
});

test('fetches less than 500 kB before a model', async ({ page }) => {
  const sizes: Promise<number>[] = [];
  page.on('requestfinished', (request) =>
    sizes.push(
      request
        .sizes()
        .then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize),
    ),
  );
  await open(page);
  await page.waitForLoadState('networkidle');
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  test.info().annotations.push({ type: 'bytes before a model', description: String(total) });
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
