/**
 * What a redraw costs the page's main thread when nine models of 24 blocks are shown on 512 tokens: the recorded
 * example, repeated to that size, takes the real one's place in a build of its own. Prints a table; a command, never a test.
 *
 *   npx tsx tests/bench/redraw.ts
 *
 * Counted is the main thread's processor time (script, style, layout, paint), so that a busy machine does not count.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CDPSession, Page } from '@playwright/test';
import { build, preview } from 'vite';
import type { Result } from '../../web/src/state/result.ts';
import { launch } from './page.ts';
import { ACTS, type Act } from './redraw-acts.ts';

const MODELS = 9;
const LAYERS = 24;
const POSITIONS = 512;
const REPEATS = 15;

interface Recording {
  readonly text: string;
  readonly results: readonly { readonly model: string; readonly result: Result }[];
}

function repeated<T>(values: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => values[i % values.length] as T);
}

/** The result as if of 24 blocks and 512 tokens; layer 0 stays what it is. */
function enlarge(result: Result, name: string): Result {
  const rows = <T>(values: readonly T[]): T[] => [...values.slice(0, 1), ...repeated(values.slice(1), LAYERS)];
  const columns = Object.entries(result.points).map(([key, column]) => [
    key,
    rows((column as readonly (readonly unknown[])[]).map((row) => repeated(row, POSITIONS))),
  ]);
  const { summary } = result;
  return {
    ...result,
    model: { ...result.model, name, layers: LAYERS },
    tokens: repeated(result.tokens, POSITIONS),
    points: Object.fromEntries(columns) as Result['points'],
    summary: {
      ...summary,
      gd_ratio_by_layer: rows(summary.gd_ratio_by_layer),
      entropy_by_layer: rows(summary.entropy_by_layer),
      p1_by_layer: rows(summary.p1_by_layer),
      commit: { ...summary.commit, by_position: repeated(summary.commit.by_position, POSITIONS) },
    },
  };
}

function largeRecording(): string {
  const { text, results } = JSON.parse(readFileSync('web/src/recorded.json', 'utf8')) as Recording;
  const large = repeated(results, MODELS).map(({ model, result }, i) => ({
    model: i < results.length ? model : `${model}-${String(i)}`,
    result: enlarge(result, `Model ${String(i + 1)}`),
  }));
  return JSON.stringify({ text, results: large });
}

/** Processor time of the page's main thread so far, in milliseconds. */
async function busy(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
}

/** Lets two frames pass, so that the one with the change has been painted. */
const settle = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise((done) => {
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
      }),
  );

/** The page's idle time begins when the event says so: what is left for it is then counted apart. */
function holdIdleTime(): void {
  const waiting: IdleRequestCallback[] = [];
  window.requestIdleCallback = (run) => waiting.push(run);
  addEventListener('idle', (event) => {
    const deadline = {
      didTimeout: false,
      timeRemaining() {
        return 0;
      },
    };
    if (waiting.length > 0) event.preventDefault();
    for (const run of waiting.splice(0)) run(deadline);
  });
}

/** Gives idle time, a frame after the other, until nothing waits for it. */
async function idle(page: Page): Promise<void> {
  let done = false;
  while (!done) {
    done = await page.evaluate(() => dispatchEvent(new Event('idle', { cancelable: true })));
    await settle(page);
  }
}

interface Times {
  readonly now: number[];
  readonly later: number[];
}

async function time(page: Page, session: CDPSession, { selector, act }: Act): Promise<Times> {
  const target = await page.locator(selector).first().elementHandle();
  const times: Times = { now: [], later: [] };
  for (let round = 0; round < REPEATS; round += 1) {
    await settle(page);
    const start = await busy(session);
    await target.evaluate(act, round);
    await settle(page);
    const painted = await busy(session);
    await idle(page);
    times.now.push(painted - start);
    times.later.push((await busy(session)) - painted);
  }
  return times;
}

function line(what: string, { now, later }: Times): string {
  const at = (times: readonly number[], share: number): string =>
    (times.toSorted((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? NaN).toFixed(1);
  return `| ${what} | ${at(now, 0.5)} ms | ${at(now, 0)} | ${at(now, 1)} | ${at(later, 0.5)} |`;
}

const folder = resolve('build/bench/redraw');
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/recorded.json`, largeRecording());
const root = resolve('web');
const dist = `${folder}/dist`;
await build({
  root,
  logLevel: 'error',
  build: { outDir: dist, emptyOutDir: true, chunkSizeWarningLimit: Infinity },
  resolve: { alias: [{ find: /^\.\/recorded\.json$/, replacement: `${folder}/recorded.json` }] },
});
const server = await preview({ root, logLevel: 'error', build: { outDir: dist }, preview: { port: 0 } });
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(holdIdleTime);
  await page.goto(server.resolvedUrls?.local[0] ?? '');
  await page.locator('.grid-frame').nth(MODELS - 1).waitFor();
  await page.locator('.grid-frame').first().scrollIntoViewIfNeeded();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.setTimeDomain', { timeDomain: 'threadTicks' });
  await session.send('Performance.enable');
  await idle(page);
  console.log(`\n${String(MODELS)} models, ${String(LAYERS + 1)} layers, ${String(POSITIONS)} tokens, Chromium ${browser.version()}\n`);
  console.log('| redraw | median | least | most | in idle time |\n|---|---|---|---|---|');
  for (const act of ACTS) console.log(line(act.what, await time(page, session, act)));
} finally {
  await browser.close();
  await server.close();
}
