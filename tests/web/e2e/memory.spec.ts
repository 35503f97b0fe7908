/** What happens when the engine's memory is full. */
import { nativeDigest } from './support/panel.ts';
import { SLOW_MODEL } from './support/paths.ts';
import { chooseFile, digests, expect, failures, measure, open, test } from './support/test.ts';

/** What a service worker fetches is not the page's to change. */
test.use({ serviceWorkers: 'block' });

/** Of 64 KB each: room for one of the large model, not for two. */
const PAGES = 2300;
const SMALL = `
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = class extends Memory {
    constructor(facts) {
      super({ ...facts, maximum: ${PAGES} });
    }
  };
`;

test('a model that nothing was asked of yet gives way, and is opened again when it is needed', async ({
  page,
}) => {
  test.slow();
  await page.route('**/assets/worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${SMALL}${await response.text()}` });
  });
  await open(page);
  const chosen = page.locator('.chip[aria-pressed="true"]');
  const large = page.locator('.chip[aria-pressed]', { hasText: 'pythia-70m' });
  for (const count of [1, 2]) {
    await chooseFile(page, SLOW_MODEL);
    await expect(large.and(chosen)).toHaveCount(count);
  }
  while ((await chosen.count()) > 0) await chosen.first().click();
  await large.first().click();
  await page.getByLabel('Text', { exact: true }).fill('word');
  await measure(page);
  await expect(failures(page)).toHaveCount(0);
  expect(await digests(page)).toEqual([nativeDigest(SLOW_MODEL, 'word')]);
});
