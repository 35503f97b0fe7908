import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS, NATIVE, SLOW_MODEL } from './support/paths.ts';
import { analyze, chooseFile, digests, expect, measure, open, settings, test, TEXT } from './support/test.ts';

interface Native {
  readonly digest: string;
  readonly model: { readonly name: string };
}

function native(files: readonly string[], text: string, ...more: string[]): Native[] {
  const output = execFileSync(NATIVE, ['analyze', ...files, '--text', text, '--json', '-', ...more], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return JSON.parse(output) as Native[];
}

const builtins = (
  JSON.parse(readFileSync(join(MODELS, 'catalogue.json'), 'utf8')) as {
    models: { file: string; builtin: boolean }[];
  }
).models
  .filter(({ builtin }) => builtin)
  .map(({ file }) => join(MODELS, file));

test('analyses both built-in models, with the digests of the command line', async ({ page }) => {
  await open(page);
  const recorded = await digests(page);
  await measure(page);
  const measured = await digests(page);
  expect(measured).toEqual(native(builtins, TEXT).map(({ digest }) => digest));
  expect(measured).toEqual(recorded);
});

test('measures another text, and the link carries it', async ({ page }) => {
  const text = 'And God said, Let there be light: and there was light.';
  await open(page);
  await page.getByLabel('Text', { exact: true }).fill(text);
  await measure(page);
  expect(await digests(page)).toEqual(native(builtins, text).map(({ digest }) => digest));
  const link = page.url();
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue(text);
  await expect(page.getByText('Press Analyze to measure what is asked above.')).toBeVisible();
});

test('settings reclassify the finished run without a new one', async ({ page }) => {
  await open(page);
  await measure(page);
  const before = await digests(page);
  await page.evaluate(() => {
    const form = document.querySelector('.ask-form');
    if (form === null) return;
    new MutationObserver(() => {
      if (form.textContent.includes('Cancel')) document.body.dataset.ran = 'yes';
    }).observe(form, { subtree: true, childList: true, characterData: true });
  });
  await settings(page).click();
  await page.getByLabel('Least p2 / p1').fill('0.9');
  await page.getByLabel('Least p2 / p1').blur();
  await expect(async () => {
    expect(await digests(page)).not.toEqual(before);
  }).toPass();
  expect(await digests(page)).toEqual([...(await digests(page))]);
  await page.getByRole('button', { name: 'Back to the defaults' }).click();
  await expect(async () => {
    expect(await digests(page)).toEqual(before);
  }).toPass();
  expect(await page.evaluate(() => document.body.dataset.ran)).toBeUndefined();
});

test('another lens is read again from the kept stream, with the digest of the command line', async ({
  page,
}) => {
  await open(page);
  await measure(page);
  await settings(page).click();
  await page.getByLabel('Lens').selectOption('raw');
  const expected = native(builtins, TEXT, '--lens', 'raw').map(({ digest }) => digest);
  await expect(async () => {
    expect(await digests(page)).toEqual(expected);
  }).toPass();
});

test('cancels at once and stays usable', async ({ page }) => {
  await open(page);
  await chooseFile(page, SLOW_MODEL);
  await expect(page.getByRole('button', { name: /pythia-70m/, pressed: true })).toBeVisible();
  for (const name of [/Bible-GPT/, /Bible-NeoX/]) await page.getByRole('button', { name }).click();
  await page.getByLabel('Text', { exact: true }).fill(TEXT.repeat(40));
  await analyze(page).click();
  await expect(page.locator('.progress')).toContainText(/layer|token/);
  const waited = await page.evaluate(async () => {
    const button = (): HTMLButtonElement | null => document.querySelector('.ask-form .primary');
    const start = performance.now();
    button()?.click();
    while (button()?.textContent !== 'Analyze') await new Promise((resolve) => setTimeout(resolve, 1));
    return performance.now() - start;
  });
  expect(waited).toBeLessThan(200);
  await expect(page.getByText('Recorded example', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: /pythia-70m/, pressed: true }).click();
  await page.getByRole('button', { name: /Bible-GPT/ }).click();
  await page.getByLabel('Text', { exact: true }).fill(TEXT);
  await measure(page);
  expect(await digests(page)).toEqual(native(builtins.slice(0, 1), TEXT).map(({ digest }) => digest));
});

test('a killed worker is noticed within two seconds and replaced', async ({ page }) => {
  await open(page);
  await chooseFile(page, SLOW_MODEL);
  await expect(page.getByRole('button', { name: /pythia-70m/, pressed: true })).toBeVisible();
  for (const name of [/Bible-GPT/, /Bible-NeoX/]) await page.getByRole('button', { name }).click();
  await page.getByLabel('Text', { exact: true }).fill(TEXT.repeat(40));
  await analyze(page).click();
  await expect(page.locator('.progress')).toContainText(/layer|token/);
  // Threads are workers too, asleep; the panel of further models has started a worker of its own.
  const awake = page.workers().filter((worker) => !worker.url().includes('threads'));
  const names = await Promise.all(awake.map((worker) => worker.evaluate(() => self.name)));
  const killed = Date.now();
  await awake[names.indexOf('logitscope')]?.evaluate(() => {
    self.close();
  });
  await expect(page.locator('.failure')).toContainText('stopped');
  expect(Date.now() - killed).toBeLessThan(2000);
  await page.getByLabel('Text', { exact: true }).fill(TEXT);
  await measure(page);
  await expect(page.locator('.failure')).toHaveCount(0);
});
