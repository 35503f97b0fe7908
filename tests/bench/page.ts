/** The page in Chromium, as the benches and the real model's check drive it. */
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const PATIENCE = { timeout: 300_000 };

const options = (flags: readonly string[]) => ({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [...FLAGS, ...flags],
});

export function launch(...flags: string[]): Promise<Browser> {
  return chromium.launch(options(flags));
}

/**
 * The same with an empty profile on disk, as people have one: launch() gives private windows, whose file system is in
 * another process.
 */
export function launchProfile(isolated: boolean, ...flags: string[]): Promise<BrowserContext> {
  const serviceWorkers = isolated ? 'allow' : 'block';
  return chromium.launchPersistentContext('', { ...options(flags), serviceWorkers });
}

/** Presses chips until those whose names are given are the chosen ones. */
export async function choose(page: Page, names: readonly string[]): Promise<void> {
  for (const chip of await page.locator('.chip[aria-pressed]').all()) {
    const wanted = names.includes((await chip.locator('.chip-name').innerText()).trim());
    if (((await chip.getAttribute('aria-pressed')) === 'true') !== wanted) await chip.click();
  }
}

export async function modelNames(page: Page): Promise<string[]> {
  return (await page.locator('.chip[aria-pressed] .chip-name').allInnerTexts()).map((name) => name.trim());
}

const chosen = (page: Page): Locator => page.locator('.chip[aria-pressed="true"]');
const stored = (page: Page): Locator => page.locator('.chip[aria-pressed]', { hasText: 'stored here' });

async function chooseNone(page: Page): Promise<void> {
  while ((await chosen(page).count()) > 0) await chosen(page).first().click();
}

async function openPanel(page: Page): Promise<void> {
  const more = page.getByRole('button', { name: /^More models/ });
  if ((await more.getAttribute('aria-expanded')) === 'false') await more.click();
}

const analyzeButton = (page: Page): Locator => page.getByRole('button', { name: 'Analyze', exact: true });

/** Picks a model file from disk, with no other model chosen. */
export async function pickModel(page: Page, path: string): Promise<void> {
  await chooseNone(page);
  await openPanel(page);
  await page.getByLabel('Model file').setInputFiles(path);
}

/** Waits until the picked model is open. */
export async function modelOpen(page: Page): Promise<void> {
  await chosen(page).first().waitFor(PATIENCE);
}

/** Leaves a model file from disk as the only chosen one, and waits until it is open; how long that took, in seconds. */
export async function openModel(page: Page, path: string): Promise<number> {
  const start = performance.now();
  await pickModel(page, path);
  await modelOpen(page);
  return (performance.now() - start) / 1000;
}

/** Fetches a model from an address into the browser's store. */
export async function keepModel(page: Page, address: string): Promise<void> {
  await openPanel(page);
  await page.getByLabel('Hugging Face id or URL').fill(address);
  await page.getByRole('button', { name: 'Look up', exact: true }).click();
  const offer = page.getByRole('region', { name: /^Offer/ });
  await offer.getByRole('button', { name: /^Download/ }).click();
  await stored(page).waitFor(PATIENCE);
}

/** Leaves the stored model as the only chosen one. */
export async function chooseStored(page: Page): Promise<void> {
  await chooseNone(page);
  await stored(page).click();
}

/** Types the text and presses Analyze. */
export async function pressAnalyze(page: Page, text: string): Promise<void> {
  await page.getByLabel('Text', { exact: true }).fill(text);
  await analyzeButton(page).click();
}

/** Waits until the result is on the screen. */
export async function resultShown(page: Page): Promise<void> {
  await page.getByText('Measured here', { exact: true }).waitFor(PATIENCE);
  await analyzeButton(page).waitFor(PATIENCE);
}

/** Types the text, presses Analyze and waits for the result; how long that took, in seconds. */
export async function analyse(page: Page, text: string): Promise<number> {
  const start = performance.now();
  await pressAnalyze(page, text);
  await resultShown(page);
  return (performance.now() - start) / 1000;
}

/** What the page says of the engine for the first model: kernel, threads, time, memory, digest. */
export async function engineLine(page: Page): Promise<string> {
  return (await page.locator('.engine li').first().innerText()).replace(/\s+/g, ' ').trim();
}
