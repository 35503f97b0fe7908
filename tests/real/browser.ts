/**
 * npx tsx tests/real/browser.ts MODEL.gguf PAGE-URL: the same text through the page in Chromium and the command line; the
 * digests must be equal. Exits with 1 when they are not.
 */
import { execFileSync } from 'node:child_process';
import { analyse, engineLine, launch, openModel } from '../bench/page.ts';

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
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await openModel(page, model);
    await analyse(page, TEXT);
    const digest = await page.locator('[data-digest]').first().getAttribute('data-digest');
    return { digest, line: await engineLine(page) };
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
