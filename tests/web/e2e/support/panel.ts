/** The page's panel of more models against the test hub. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { TestHub } from '../../hub/hub.ts';
import { NATIVE, SCRATCH, SITE } from './paths.ts';
import { expect, test as base, TEXT } from './test.ts';

/** What the browser notes by itself of refused and broken requests. */
export const NOTED = /^Failed to load resource|blocked by CORS policy/;

/** Runs with a hub of its own, which serves the page too. */
export const test = base.extend<{ hub: TestHub }>({
  hub: async ({}, use) => {
    const hub = await TestHub.start({ dist: join(SITE, 'dist') });
    await use(hub);
    await hub.stop();
  },
  baseURL: async ({ hub }, use) => {
    await use(hub.page);
  },
});
export const panel = (page: Page): Locator => page.getByRole('region', { name: 'More models', exact: true });
export const offer = (page: Page): Locator => page.getByRole('region', { name: /^Offer/ });
export const strip = (page: Page): Locator =>
  page.getByRole('group', { name: /^(?:Download|Stopped download)$/ });
export const chip = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: 'Models' }).getByRole('button', { name: new RegExp(`^${name}`) });

export async function openPanel(page: Page, fragment = ''): Promise<void> {
  await page.goto(`./${fragment}`);
  await page.getByRole('button', { name: /^More models/ }).click();
  await expect(panel(page)).toBeVisible();
}

export async function lookUp(page: Page, id: string): Promise<void> {
  await page.getByLabel('Hugging Face id or URL').fill(id);
  await page.getByRole('button', { name: 'Look up', exact: true }).click();
}

export async function fetchModel(page: Page, id: string): Promise<void> {
  await lookUp(page, id);
  await offer(page)
    .getByRole('button', { name: /^(?:Download|Read) / })
    .click();
}

export async function onlyChosen(page: Page, name: string): Promise<void> {
  for (const builtin of ['Bible-GPT', 'Bible-NeoX']) {
    const button = chip(page, builtin);
    if ((await button.getAttribute('aria-pressed')) === 'true') await button.click();
  }
  await expect(chip(page, name)).toHaveAttribute('aria-pressed', 'true');
}

/** The stored model's bytes, as they lie in the browser's file system. */
export async function storedFile(page: Page, name: string): Promise<string> {
  const base64 = await page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    for await (const [entry, handle] of folder.entries()) {
      if (!entry.endsWith('.gguf')) continue;
      const bytes = new Uint8Array(await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer());
      let binary = '';
      for (let at = 0; at < bytes.length; at += 0x8000)
        binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
      return btoa(binary);
    }
    return '';
  });
  mkdirSync(SCRATCH, { recursive: true });
  const path = join(SCRATCH, `${name}-${process.pid}.gguf`);
  writeFileSync(path, Buffer.from(base64, 'base64'));
  return path;
}

export function nativeDigest(file: string, text = TEXT): string {
  const output = execFileSync(NATIVE, ['analyze', file, '--text', text, '--json', '-'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return (JSON.parse(output) as { digest: string }[])[0]?.digest ?? '';
}
