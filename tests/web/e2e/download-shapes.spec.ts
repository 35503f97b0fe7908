/** Models of every shape that they come in: shards, folders, PyTorch files, from disk and from the test hub. */
import { join } from 'node:path';
import { inTwo } from '../hub/shards.ts';
import {
  chip,
  fetchModel,
  lookUp,
  nativeDigest,
  NOTED,
  offer,
  onlyChosen,
  openPanel,
  storedFile,
  test,
} from './support/panel.ts';
import { FIXTURES } from './support/paths.ts';
import { digests, expect, failures, measure } from './support/test.ts';

test.use({ expected: NOTED });

test('a dropped folder of safetensors', async ({ page }) => {
  await page.goto('./');
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [join(FIXTURES, 'gptneox')], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
  await expect(offer(page)).toContainText('gptneox');
  await offer(page)
    .getByRole('button', { name: /^Read [\d.]+ kB$/ })
    .click();
  await onlyChosen(page, 'gptneox');
  await page.getByLabel('Text', { exact: true }).fill('word');
  await measure(page);
  expect(await digests(page)).toEqual([nativeDigest(await storedFile(page, 'gptneox'), 'word')]);
});

test('shards of a GGUF, chosen together', async ({ page }) => {
  await openPanel(page);
  await page.getByLabel('Model file').setInputFiles(await inTwo(join(FIXTURES, 'gptneox-q8_0.gguf')));
  await expect(offer(page)).toContainText('in 2 files');
  await offer(page)
    .getByRole('button', { name: /^Read / })
    .click();
  await expect(page.locator('.stored')).toContainText('model');
  await page.getByLabel('Text', { exact: true }).fill('word');
  for (const builtin of ['Bible-GPT', 'Bible-NeoX']) await chip(page, builtin).click();
  await measure(page);
  expect(await digests(page)).toEqual([nativeDigest(await storedFile(page, 'shards'), 'word')]);
});

for (const [id, what] of [
  ['test/bin', 'a PyTorch file'],
  ['test/gguf-shards', 'a GGUF in shards'],
  ['test/sharded', 'safetensors in shards'],
] as const) {
  test(`${what} from the Hub, with the digest of the command line`, async ({ page }) => {
    await openPanel(page);
    await fetchModel(page, id);
    await expect(page.locator('.stored')).toContainText(id);
    await page.getByLabel('Text', { exact: true }).fill('word');
    for (const builtin of ['Bible-GPT', 'Bible-NeoX']) await chip(page, builtin).click();
    await measure(page);
    expect(await digests(page)).toEqual([nativeDigest(await storedFile(page, 'from-the-hub'), 'word')]);
  });
}

test('a server that lets no other site read its files is named', async ({ page, hub }) => {
  hub.misbehave('model.gguf', { noCors: true });
  await openPanel(page);
  await lookUp(page, `${hub.endpoint}/test/one-gguf/resolve/main/model.gguf`);
  await expect(failures(page)).toContainText("does not let other sites' pages read its files (CORS)");
});
