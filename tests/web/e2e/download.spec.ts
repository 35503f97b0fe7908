/** Models from the Hub and from disk into the page, against the test hub. */
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { TOKEN } from '../hub/hub.ts';
import {
  chip,
  fetchModel,
  lookUp,
  nativeDigest,
  NOTED,
  offer,
  onlyChosen,
  openPanel,
  panel,
  storedFile,
  strip,
  test,
} from './support/panel.ts';
import { FIXTURES, SLOW_MODEL } from './support/paths.ts';
import { analyze, chooseFile, digests, expect, failures, measure, TEXT } from './support/test.ts';

test.use({ expected: NOTED });

test('an id is pasted, fetched, cancelled half-way, resumed, analysed, and analysed again without a network', async ({
  page,
  hub,
  context,
}) => {
  test.slow();
  hub.misbehave('model.safetensors', { throttle: 3_000_000 });
  await openPanel(page);
  await lookUp(page, 'test/medium');
  await expect(offer(page)).toContainText('4 layers');
  await expect(offer(page)).toContainText(/licence: mit/);
  await expect(offer(page)).toContainText(
    /needs .* of memory for a text of 128 tokens; WebAssembly addresses 4\.29 GB/,
  );
  const large = (): number =>
    hub.seen.filter(({ origin, range }) => origin === 'cdn' && range === null).length;
  expect(large()).toBe(0);
  await offer(page).getByRole('button', { name: 'Download 13.1 MB' }).click();

  // The rest of the page goes on meanwhile.
  await expect(strip(page)).toContainText(/fetching [5-9]\.\d+ of 13\.1 MB/);
  await expect(strip(page)).toContainText(/MB\/s · about .* left · model\.safetensors/);
  await page.getByRole('button', { name: 'Cancel the download of medium' }).click();
  await expect(strip(page).getByRole('button', { name: /^Resume, [\d.]+ of 13\.1 MB here$/ })).toBeVisible();
  await measure(page);
  hub.reset();
  await strip(page)
    .getByRole('button', { name: /^Resume/ })
    .click();
  await expect(chip(page, 'medium')).toContainText('stored here');
  const resumed = hub.seen.filter(({ path }) => path.endsWith('model.safetensors')).map(({ range }) => range);
  expect(resumed.some((range) => /^bytes=[1-9]\d{6,}-/.test(range ?? ''))).toBe(true);

  await onlyChosen(page, 'medium');
  await measure(page);
  const digest = nativeDigest(await storedFile(page, 'medium'));
  expect(await digests(page)).toEqual([digest]);

  await page.goto('about:blank');
  await page.goto(hub.page);
  await expect(chip(page, 'medium')).toHaveAttribute('aria-pressed', 'false');
  await measure(page);
  await hub.stop();
  await context.setOffline(true);
  await chip(page, 'medium').click();
  await onlyChosen(page, 'medium');
  await analyze(page).click();
  await expect(page.locator('.engine')).toContainText('medium');
  expect(await digests(page)).toEqual([digest]);
});

test('a model is open by the time it is stored, while an analysis goes on', async ({ page, hub }) => {
  test.slow();
  hub.misbehave('model.safetensors', { throttle: 3_000_000 });
  await openPanel(page);
  await measure(page);
  const before = await digests(page);
  await fetchModel(page, 'test/medium');
  await expect(strip(page)).toContainText(/fetching [1-9]/);
  await page.getByLabel('Text', { exact: true }).fill(`${TEXT} `);
  await measure(page);
  await page.getByLabel('Text', { exact: true }).fill(TEXT);
  await measure(page);
  expect(await digests(page)).toEqual(before);
  await expect(strip(page)).toContainText(/fetching/);
  await expect(chip(page, 'medium')).toContainText('stored here');

  // Only a model that is open can count.
  await expect(page.locator('#text-count')).toContainText(/medium: \d+ of at most 128 tokens/);
  await onlyChosen(page, 'medium');
  await measure(page);
  expect(await digests(page)).toEqual([nativeDigest(await storedFile(page, 'medium'))]);
});

test('a gated model asks for a token, and sends it to the Hub alone', async ({ page, hub }) => {
  await openPanel(page);
  await lookUp(page, 'test/gated');
  const token = page.getByLabel('Access token');
  await expect(token).toHaveAttribute('type', 'password');
  await expect(panel(page)).toContainText('Kept in memory only, sent to the Hub alone.');
  await token.fill('hf_wrong');
  await page.getByRole('button', { name: 'Look up with this token' }).click();
  await expect(failures(page)).toContainText('This token may not read “test/gated”');
  await page.getByLabel('Access token').fill(TOKEN);
  await page.getByRole('button', { name: 'Look up with this token' }).click();
  await offer(page)
    .getByRole('button', { name: /^Download / })
    .click();
  await expect(chip(page, 'gated')).toContainText('stored here');
  expect(hub.seen.filter(({ origin, token: sent }) => origin === 'cdn' && sent !== null)).toEqual([]);
  expect(page.url()).not.toContain(TOKEN);
  expect(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]))).not.toContain('hf_');
});

test('what cannot fit is refused with the numbers, before anything large is fetched', async ({
  page,
  hub,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'deviceMemory', { value: 1 / 16 });
  });
  await openPanel(page);
  await lookUp(page, 'test/medium');
  await expect(offer(page)).toContainText(
    /does not fit\. It needs 7\d\.\d MB .* this device has about 67\.1 MB/,
  );
  await expect(offer(page).getByRole('button', { name: /^Download/ })).toHaveCount(0);
  expect(hub.seen.some(({ origin, range }) => origin === 'cdn' && range === null)).toBe(false);
  await chooseFile(page, SLOW_MODEL);
  await expect(failures(page)).toContainText(/does not fit\. It needs [\d.]+ MB .* 67\.1 MB/);
});

test('bytes that are not what the Hub says are refused, and not kept', async ({ page, hub }) => {
  hub.misbehave('model.safetensors', { corruptAt: 9_000_000 });
  await openPanel(page);
  await fetchModel(page, 'test/medium');
  await expect(failures(page)).toContainText('medium: not fetched.');
  await expect(failures(page)).toContainText(/SHA-256/);
  await expect(panel(page)).toContainText('0 bytes kept in this browser');
  await expect(chip(page, 'medium')).toHaveCount(0);
});

test('without room in the browser the model works, and the page says that it is not kept', async ({
  page,
  hub,
}) => {
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(hub.page);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
  await openPanel(page);
  await fetchModel(page, 'test/medium');
  await expect(chip(page, 'medium')).toContainText('not kept');
  await expect(page.locator('.ask')).toContainText('works until the page is closed');
  await onlyChosen(page, 'medium');
  await measure(page);
});

test('a stored model is deleted after one more question', async ({ page }) => {
  await openPanel(page);
  await fetchModel(page, 'test/gpt2');
  await expect(chip(page, 'gpt2')).toContainText('stored here');
  const stored = page.locator('.stored');
  await expect(stored).toContainText('test/gpt2 at');
  await stored.getByRole('button', { name: 'Delete: ' }).click();
  await stored.getByRole('button', { name: /^Delete [\d.]+ kB for good/ }).click();
  await expect(stored).toContainText('0 bytes kept');
  await expect(chip(page, 'gpt2')).toHaveCount(0);
  await page.reload();
  await expect(chip(page, 'gpt2')).toHaveCount(0);
});

test('a link names a model of the Hub; nothing is fetched before a button says what', async ({
  page,
  hub,
}) => {
  await page.goto('./#v=1&m=test%2Fgpt2,pythia-70m&t=word');
  await expect(chip(page, 'Pythia-70M Download 166 MB')).toBeVisible();
  expect(hub.seen).toEqual([]);
  await chip(page, 'test/gpt2').click();
  await offer(page)
    .getByRole('button', { name: /^Download/ })
    .click();
  await expect(chip(page, 'gpt2')).toContainText('stored here');
  expect(page.url()).toContain('test%2Fgpt2');
  await page.reload();
  await expect(chip(page, 'gpt2')).toHaveAttribute('aria-pressed', 'true');
  expect(hub.seen.filter(({ path }) => path.includes('pythia'))).toEqual([]);
});

test('what is wrong is said in one sentence', async ({ page, hub }) => {
  await openPanel(page);
  await lookUp(page, 'no such thing');
  await expect(failures(page)).toContainText('neither a Hugging Face id (owner/name) nor an address');
  await lookUp(page, 'test/nothing');
  await expect(failures(page)).toContainText('There is no “test/nothing”');
  await lookUp(page, 'test/empty');
  await expect(failures(page)).toContainText('test/empty: not offered.');
  await lookUp(page, 'test/gpt2');
  await expect(offer(page)).toBeVisible();
  hub.misbehave('model.safetensors', { status: 403 });
  await offer(page)
    .getByRole('button', { name: /^Download/ })
    .click();
  await expect(failures(page)).toContainText('gpt2: not fetched.');
  await measure(page);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no serious barrier in the open panel in ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await openPanel(page);
    await page.getByText('Stored type').click();
    await fetchModel(page, 'test/gpt2');
    await expect(chip(page, 'gpt2')).toContainText('stored here');
    await lookUp(page, 'test/medium');
    await expect(offer(page)).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).include('.ask').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
  });
}

test('nothing scrolls sideways at 360 px with the panel open', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await openPanel(page);
  await lookUp(page, 'test/medium');
  await expect(offer(page)).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});

test.describe(() => {
  // What a service worker fetches is not the page's to route.
  test.use({ serviceWorkers: 'block', expected: /blocked by Playwright$/ });

  test('a model is checked against published values, and says when they are not its own', async ({
    page,
  }) => {
    let published = '';
    const button = page.getByRole('button', { name: 'Check against published values' });
    const verdict = page.locator('.check summary');
    await openPanel(page);
    await fetchModel(page, 'gpt2');
    await onlyChosen(page, 'gpt2');
    await page.getByLabel('Text', { exact: true }).fill(TEXT.slice(0, 12));
    await measure(page);
    // It goes by GPT-2's name, but is a tiny one.
    await button.click();
    await expect(failures(page)).toContainText('The grid is of another model');
    await page.route('**/gpt2-*.json', (route) => route.fulfill({ path: join(FIXTURES, published) }));
    published = 'gpt2-f32.raw.json';
    await button.click();
    await expect(verdict).toContainText('Pass Agrees with published values');
    published = 'gptneox-q8_0.normed.json';
    await button.click();
    await expect(verdict).toContainText('Fail Does not agree with published values');
    published = 'gpt2-f32.normed.json';
    await button.click();
    await expect(verdict).toContainText('Pass Agrees with published values');
    await verdict.click();
    await expect(page.locator('.check')).toContainText('Worst cell: layer');
  });
});
