import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { MODELS, NATIVE } from './support/paths.ts';
import { expect, measure, open, test, TEXT } from './support/test.ts';

async function saved(page: Page, button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent('download');
  await button.click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

test('CSV and JSON are those of the command line', async ({ page }) => {
  await open(page);
  await measure(page);
  const csv = await saved(page, page.getByRole('button', { name: 'Save CSV' }).first());
  const model = join(MODELS, 'bible-gpt.gguf');
  expect(csv.name).toBe('logitscope-bible-gpt.csv');
  expect(csv.bytes.toString()).toBe(
    execFileSync(NATIVE, ['analyze', model, '--text', TEXT, '--csv', '-'], { encoding: 'utf8' }),
  );

  const json = await saved(page, page.getByRole('button', { name: 'Save JSON' }));
  const [result] = JSON.parse(json.bytes.toString()) as Record<string, unknown>[];
  const output = execFileSync(NATIVE, ['analyze', model, '--text', TEXT, '--json', '-'], {
    encoding: 'utf8',
  });
  const [expected] = JSON.parse(output) as Record<string, unknown>[];
  expect({ ...result, engine: null }).toEqual({ ...expected, engine: null });
});

test('figures are saved as PNG, the grid as SVG', async ({ page }) => {
  await open(page);
  await expect(page.locator('.figure canvas')).toHaveCount(6);
  const png = await saved(page, page.getByRole('button', { name: 'Save PNG' }).first());
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  const svg = await saved(page, page.getByRole('button', { name: 'Save SVG' }).first());
  expect(svg.bytes.toString()).toContain('most likely next token by layer and position, coloured by state');
});

test('the digest is copied whole', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  await page.getByRole('button', { name: 'Copy the whole digest' }).first().click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    await page.locator('[data-digest]').first().getAttribute('data-digest'),
  );
});
