/**
 * Two hundred analyses in one page, models in turn: is memory flat? Writes build/bench/soak.md; exits with 1 when it is
 * not. SOAK_ANALYSES sets another number.
 *
 * Memory is read after each analysis, garbage collected first: the renderer's private resident memory, the memory of the
 * WebAssembly engine and JavaScript's heap on the main thread. The rule: over the second half the least-squares slope of
 * the renderer's memory is at most 50 KB an analysis, and the engine's memory does not grow. (One result of the larger
 * model is several hundred KB as JSON: keeping a single one of them each time would show.)
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { analyseInPage, openInPage, withPage } from './browser.ts';
import { FOLDER, shapeFile } from './jobs.ts';
import { largest, renderers } from './memory.ts';
import { choose, modelNames } from './page.ts';
import { fitLine } from './statistics.ts';
import { number, sparkline, table } from './tables.ts';

const ANALYSES = Number(process.env.SOAK_ANALYSES ?? 200);
const MOST_BYTES_AN_ANALYSIS = 50_000;
const ROWS = 20;
const TEXTS = [
  'In the beginning God created the heaven and the earth.',
  'It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a wife.',
  'Call me Ishmael.',
];

interface Sample {
  readonly model: string;
  readonly renderer: number;
  readonly engine: number;
  readonly script: number;
}

/** Of the page and of its worker. Threads have no garbage, and sleep where they cannot be asked. */
async function collectGarbage(page: Page): Promise<void> {
  const collect = (): void => {
    (globalThis as { gc?: () => void }).gc?.();
  };
  const workers = page.workers().filter((worker) => !worker.url().includes('threads'));
  await Promise.all([page.evaluate(collect), ...workers.map((worker) => worker.evaluate(collect))]);
}

function soak(): Promise<Sample[]> {
  const run = async (page: Page, browser: Browser): Promise<Sample[]> => {
    await openInPage(page, shapeFile('distilgpt2'));
    const names = await modelNames(page);
    const session = await page.context().newCDPSession(page);
    const pids = await renderers(browser);
    const samples: Sample[] = [];
    for (let i = 0; i < ANALYSES; i++) {
      const model = names[i % names.length] ?? '';
      await choose(page, [model]);
      const { heap } = await analyseInPage(page, TEXTS[Math.floor(i / names.length) % TEXTS.length] ?? '');
      await collectGarbage(page);
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      samples.push({ model, renderer: largest(pids), engine: heap, script: usedSize });
      if ((i + 1) % 20 === 0)
        console.log(`${i + 1} of ${ANALYSES}: ${number((samples.at(-1)?.renderer ?? 0) / 1e6)} MB`);
    }
    return samples;
  };
  return withPage(true, run, '--js-flags=--expose-gc');
}

/** Bytes an analysis, over the second half. */
function slopeOf(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const half = samples.slice(samples.length >> 1);
  return fitLine(
    half.map((_, i) => i),
    half.map(of),
  ).slope;
}

function report(samples: readonly Sample[]): { text: string; flat: boolean } {
  const columns = [
    { name: 'renderer', of: (sample: Sample) => sample.renderer },
    { name: 'engine', of: (sample: Sample) => sample.engine },
    { name: 'script', of: (sample: Sample) => sample.script },
  ];
  const engineGrew = (samples.at(-1)?.engine ?? 0) > (samples[samples.length >> 1]?.engine ?? 0);
  const flat = slopeOf(samples, ({ renderer }) => renderer) <= MOST_BYTES_AN_ANALYSIS && !engineGrew;
  const every = Math.max(1, Math.ceil(samples.length / ROWS));
  const picked = samples.map((sample, i) => ({ sample, i })).filter(({ i }) => (i + 1) % every === 0);
  const lines = columns.map(({ name, of }) => {
    const slope = number(slopeOf(samples, of) / 1000);
    return `- ${name}: \`${sparkline(picked.map(({ sample }) => of(sample)))}\` ${slope} KB an analysis over the second half`;
  });
  const rows = picked.map(({ sample, i }) => [
    String(i + 1),
    sample.model,
    ...columns.map(({ of }) => number(of(sample) / 1e6)),
  ]);
  const text = [
    `${samples.length} analyses in one page, models in turn: memory is **${flat ? 'flat' : 'NOT flat'}**.`,
    `Rule: over the second half the renderer grows by at most ${number(MOST_BYTES_AN_ANALYSIS / 1000)} KB an analysis, the engine not at all.`,
    lines.join('\n'),
    table(['analysis', 'model', 'renderer, MB', 'engine, MB', 'script, MB'], rows),
  ].join('\n\n');
  return { text: `${text}\n`, flat };
}

const { text, flat } = report(await soak());
writeFileSync(join(FOLDER, 'soak.md'), text);
console.log(`\n${text}`);
process.exit(flat ? 0 : 1);
