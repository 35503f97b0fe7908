/**
 * npx tsx tests/real/browser.ts MODEL.gguf PAGE-URL: the same text through the page in Chromium and the command line; the
 * digests must be equal. Exits with 1 when they are not.
 */
import { execFileSync } from 'node:child_process';
import { chromium } from '@playwright/test';

const [model = '', url = ''] = process.argv.slice(2);
const TEXT = 'The capital of Japan is the city of';

function native(): string | undefined {
  const json = execFileSync('build/native/logitscope', ['analyze', model, '--text', TEXT, '--json', '-'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return (JSON.parse(json) as { digest: string }[])[0]?.digest;
}

async function inPage(): Promise<{ digest: string | null; line: string }> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args,
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const chosen = page.locator('.chip[aria-pressed="true"]');
    while ((await chosen.count()) > 0) await chosen.first().click();
    await page.getByLabel('Model file').setInputFiles(model);
    await chosen.first().waitFor({ timeout: 120_000 });
    await page.getByLabel('Text', { exact: true }).fill(TEXT);
    await page.getByRole('button', { name: 'Analyze', exact: true }).click();
    await page.getByText('Measured here', { exact: true }).waitFor({ timeout: 300_000 });
    const digest = await page.locator('[data-digest]').first().getAttribute('data-digest');
    return {
      digest,
      line: (await page.locator('.engine li').first().innerText()).replace(/\s+/g, ' ').trim(),
    };
  } finally {
    await browser.close();
  }
}

const expected = native();
const { digest, line } = await inPage();
console.log(`\nThe page says: ${line}`);
console.log(`native   ${expected ?? 'none'}\nChromium ${digest ?? 'none'}`);
console.log(digest === expected ? 'the digests are equal' : 'THE DIGESTS DIFFER');
process.exitCode = digest === expected ? 0 : 1;
