/** The download worker in Chromium against the test hub: what its stores keep, and what happens when they cannot. */
import { expect, test as base } from '@playwright/test';
import { TestHub } from '../hub/hub.ts';
import { DownloadPage, serveDownloadPage, type DownloadSite } from './support/download-page.ts';

const MEDIUM = { kind: 'hub', id: 'test/medium', revision: null, file: null } as const;
/** Of 13 MB. */
const HALF = 7_000_000;
const SLOW = { throttle: 8_000_000 };

const test = base.extend<{ hub: TestHub }, { site: DownloadSite }>({
  site: [
    async ({}, use) => {
      const site = await serveDownloadPage();
      await use(site);
      site.stop();
    },
    { scope: 'worker' },
  ],
  hub: async ({}, use) => {
    const hub = await TestHub.start();
    await use(hub);
    await hub.stop();
  },
});

for (const [where, script] of [
  ['opfs', 'worker.js'],
  ['cache', 'worker-without-opfs.js'],
] as const)
  test(`${where}: cancelled half-way, resumed after a reload, taken without the network`, async ({
    page,
    hub,
    site,
  }) => {
    const first = await DownloadPage.open(page, site.url, hub.endpoint, script);
    const offer = await first.inspect(MEDIUM);
    hub.misbehave('model.safetensors', SLOW);
    const stopped = await first.ask({ kind: 'fetch', key: offer.key, token: null }, { stopAt: HALF });
    expect(stopped.fault).toMatchObject({ status: 'cancelled' });

    hub.reset();
    const second = await DownloadPage.open(page, site.url, hub.endpoint, script);
    const { partial, where: found } = await second.list();
    expect(found).toBe(where);
    expect(partial).toMatchObject([{ key: offer.key, reference: MEDIUM, total: offer.download }]);
    const again = await second.inspect(MEDIUM);
    expect(again.have).toBeGreaterThan(HALF / 2);
    hub.seen.length = 0;
    const fetched = await second.fetch(offer.key);
    expect(fetched).toMatchObject({ kept: true, size: offer.stored, sha256: fetched.hash });
    const [request] = hub.seen.filter(({ origin }) => origin === 'cdn');
    expect(request?.range).toBe(`bytes=${again.have}-`);
    expect(request?.ifRange).not.toBe(null);

    hub.misbehave('', { status: 503 });
    const third = await DownloadPage.open(page, site.url, hub.endpoint, script);
    expect(await third.take(offer.key)).toMatchObject({
      hash: fetched.hash,
      sha256: fetched.hash,
      size: offer.stored,
    });
    expect(await third.list()).toMatchObject({
      models: [{ key: offer.key, bytes: offer.stored }],
      partial: [],
    });
    const removed = await third.ask({ kind: 'remove', key: offer.key });
    expect(removed.value).toMatchObject({ models: [], partial: [] });
  });

test('a download that goes on gives the bytes of one that was never stopped', async ({ page, hub, site }) => {
  const one = await DownloadPage.open(page, site.url, hub.endpoint);
  const { key } = await one.inspect(MEDIUM);
  const whole = await one.fetch(key);
  await one.ask({ kind: 'remove', key });
  await one.inspect(MEDIUM);
  hub.misbehave('model.safetensors', SLOW);
  await one.ask({ kind: 'fetch', key, token: null }, { stopAt: HALF });
  hub.reset();
  expect((await one.fetch(key)).hash).toBe(whole.hash);
});

test('a worker that is killed leaves what it had fetched', async ({ page, hub, site }) => {
  const first = await DownloadPage.open(page, site.url, hub.endpoint);
  const { key } = await first.inspect(MEDIUM);
  hub.misbehave('model.safetensors', SLOW);
  await first.ask({ kind: 'fetch', key, token: null }, { killAt: 9_000_000 });
  hub.reset();
  const second = await DownloadPage.open(page, site.url, hub.endpoint);
  const again = await second.inspect(MEDIUM);
  expect(again.have).toBeGreaterThan(4_000_000);
  expect(await second.fetch(key)).toMatchObject({ kept: true, size: again.stored });
});

test('a full store: the model is whole in memory, and the person is told', async ({ page, hub, site }) => {
  const one = await DownloadPage.open(page, site.url, hub.endpoint);
  const offer = await one.inspect(MEDIUM);
  const whole = await one.fetch(offer.key);
  await one.ask({ kind: 'remove', key: offer.key });
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', {
    origin: new URL(site.url).origin,
    quotaSize: 2_000_000,
  });
  await one.inspect(MEDIUM);
  const fetched = await one.fetch(offer.key);
  expect(fetched).toMatchObject({ kept: false, hash: whole.hash });
  expect(fetched.notes.at(-1)).toMatch(/no room left/);
});

test('the same model in two tabs: the second is told to wait', async ({ page, context, hub, site }) => {
  const first = await DownloadPage.open(page, site.url, hub.endpoint);
  const second = await DownloadPage.open(await context.newPage(), site.url, hub.endpoint);
  const { key } = await first.inspect(MEDIUM);
  await second.inspect(MEDIUM);
  hub.misbehave('model.safetensors', SLOW);
  const fetching = first.fetch(key);
  await expect
    .poll(() => hub.seen.some(({ range, origin }) => origin === 'cdn' && range === null))
    .toBe(true);
  const busy = await second.ask({ kind: 'fetch', key, token: null });
  expect(busy.fault).toMatchObject({ status: 'busy' });
  expect(await fetching).toMatchObject({ kept: true });
});
