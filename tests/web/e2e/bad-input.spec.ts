import { closeSync, openSync, readFileSync, rmSync, ftruncateSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES, SCRATCH, SLOW_MODEL } from './support/paths.ts';
import { analyze, chooseFile, expect, failures, measure, open, test } from './support/test.ts';

const TINY = join(FIXTURES, 'gpt2-q8_0.gguf');

test('a text file renamed to .gguf', async ({ page }) => {
  await open(page);
  await chooseFile(page, { name: 'notes.gguf', content: 'hello, this is no model\n'.repeat(100) });
  await expect(failures(page)).toContainText('Not opened.');
  await expect(failures(page)).toContainText('this is a text file, not a model');
  await measure(page);
});

test('an empty file', async ({ page }) => {
  await open(page);
  await chooseFile(page, { name: 'empty.gguf', content: '' });
  await expect(failures(page)).toContainText(/empty/i);
});

test('a truncated model', async ({ page }) => {
  const whole = readFileSync(TINY);
  await open(page);
  await chooseFile(page, { name: 'half.gguf', content: whole.subarray(0, whole.length / 2) });
  await expect(failures(page)).toContainText(/byte \d+/);
  await expect(failures(page)).toContainText('unfinished download');
});

test('opening a file can be stopped', async ({ page }) => {
  // The engine comes when it is told to: a model opens too soon to be sure of the button otherwise.
  let letThrough = (): void => undefined;
  const told = new Promise<void>((resolve) => (letThrough = resolve));
  await page.route('**/*.wasm', (route) => told.then(() => route.continue()));
  await open(page);
  await chooseFile(page, SLOW_MODEL);
  await page.getByRole('button', { name: /^Stop opening/ }).click();
  letThrough();
  await expect(page.locator('.chip')).toHaveCount(3);
  await expect(failures(page)).toHaveCount(0);
  await measure(page);
});

test('a sparse file of 3 GB is no model, and is not read to its end for that', async ({ page }) => {
  const path = join(SCRATCH, `three-gigabytes-${test.info().workerIndex}.gguf`);
  const file = openSync(path, 'w');
  ftruncateSync(file, 3 * 1024 ** 3);
  closeSync(file);
  try {
    await open(page);
    await chooseFile(page, path);
    await expect(failures(page)).toContainText(
      'byte 0: it begins with "\\x00\\x00\\x00\\x00" instead of "GGUF"',
    );
  } finally {
    rmSync(path);
  }
});

test('an empty text, and no model', async ({ page }) => {
  await open(page);
  await page.getByLabel('Text', { exact: true }).fill('');
  await analyze(page).click();
  await expect(failures(page)).toContainText('The text is empty.');
  await page.getByLabel('Text', { exact: true }).fill('word');
  for (const name of [/Bible-GPT/, /Bible-NeoX/]) await page.getByRole('button', { name }).click();
  await analyze(page).click();
  await expect(failures(page)).toContainText('No model is chosen.');
});

test('a text longer than the context says how many tokens fit, and can be cut', async ({ page }) => {
  await open(page);
  await chooseFile(page, TINY);
  for (const name of [/Bible-GPT/, /Bible-NeoX/]) await page.getByRole('button', { name }).click();
  await page.getByLabel('Text', { exact: true }).fill('word '.repeat(100));
  await analyze(page).click();
  await expect(failures(page)).toContainText('reads at most 32');
  await failures(page).getByRole('button', { name: 'Cut to 32 tokens' }).click();
  await expect(page.locator('.answer-notes')).toContainText(/read the first 32 of \d+ tokens/);
  await expect(failures(page)).toHaveCount(0);
});

test('a link of an unknown version is refused in one sentence', async ({ page }) => {
  await open(page, '#v=7&t=x&__proto__=1');
  await expect(failures(page)).toContainText('This link is of version “7”; this page reads version 1.');
});

test('a failing download says so and keeps what is shown', async ({ page }) => {
  await page.route('**/*.gguf', (route) => route.fulfill({ status: 200, body: 'GGUF' }));
  await open(page);
  await analyze(page).click();
  await expect(failures(page)).toHaveCount(2);
  await expect(failures(page).first()).toContainText('ended after 4 of');
  await expect(page.getByText('Recorded example', { exact: true })).toBeVisible();
});

test('HTML in a model or a text is shown as the text that it is', async ({ page }) => {
  const bytes = readFileSync(TINY);
  const at = bytes.indexOf('tiny-gpt2');
  Buffer.from('<b>x</b>!').copy(bytes, at);
  await open(page);
  await chooseFile(page, { name: '<img src=x onerror=alert(1)>.gguf', content: bytes });
  await expect(page.getByRole('button', { name: '<b>x</b>!', pressed: true })).toBeVisible();
  for (const name of [/Bible-GPT/, /Bible-NeoX/]) await page.getByRole('button', { name }).click();
  await page.getByLabel('Text', { exact: true }).fill('<img src=x onerror=1><b>');
  await measure(page);
  await expect(page.locator('.provenance')).toContainText('<img src=x onerror=1><b>');
  await expect(page.locator('.grid-tokens.read').first()).toContainText('<');
  await expect(page.locator('main img, main b')).toHaveCount(0);
});
