/**
 * Time and peak memory of one analysis of GPT-2's true shape (random Q8_0 weights, 64 tokens), on the command line and in
 * the page in Chromium. Writes a table; a command, never a test. Called by tests/bench/run.
 *
 * Peak memory is the largest private resident memory of the process (RssAnon + RssShmem, watched every 5 ms): the command,
 * or Chromium's renderer, which holds the page, its worker and the WebAssembly heap. Chromium's own program file, shared
 * by all its processes, is left out. The heap alone is what the engine line of the page says.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser } from '@playwright/test';
import { analyse, engineLine, launch, openModel } from './page.ts';

const [path = '', url = ''] = process.argv.slice(2);
const model = resolve(path);
const REPEATS = 3;
const COMMAND = resolve('build/native/logitscope');
const PROSE =
  'It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a ' +
  'wife. However little known the feelings or views of such a man may be on his first entering a neighbourhood, this ' +
  'truth is so well fixed in the minds of the surrounding families, that he is considered the rightful property.';

interface Measured {
  seconds: number;
  megabytes: number;
}

/** Private resident memory, in MB, or 0 when the process is gone. */
function privateMemory(pid: number): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    const kilobytes = [...status.matchAll(/(?:RssAnon|RssShmem):\s+(\d+)/g)].map((match) => Number(match[1]));
    return kilobytes.reduce((sum, value) => sum + value, 0) / 1000;
  } catch {
    return 0;
  }
}

/** Watches processes until told to stop, which gives the peak of the largest. */
function watch(pids: readonly number[]): () => number {
  let megabytes = 0;
  const timer = setInterval(() => (megabytes = Math.max(megabytes, ...pids.map(privateMemory))), 5);
  return () => {
    clearInterval(timer);
    return megabytes;
  };
}

/** Runs the command to its end, watching its memory. */
function native(...args: string[]): Promise<Measured & { stdout: string }> {
  return new Promise((done, failed) => {
    const start = performance.now();
    const child = spawn(COMMAND, args);
    let stdout = '';
    const stop = watch([child.pid ?? 0]);
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.on('error', failed);
    child.on('close', () => {
      done({ seconds: (performance.now() - start) / 1000, megabytes: stop(), stdout });
    });
  });
}

/** The longest beginning of the prose that is at most 64 tokens of this model. */
async function textOf64Tokens(): Promise<string> {
  const { stdout } = await native('tokenize', model, '--text', PROSE);
  const pieces = stdout.trimEnd().split('\n').slice(0, 64);
  return pieces.map((line) => line.split('\t')[2] ?? '').join('');
}

/** Chromium keeps spare renderers: the one that shows the page is the one that grows. */
async function renderers(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

interface InBrowser {
  load: number;
  first: number;
  warm: number;
  megabytes: number;
  line: string;
  version: string;
}

async function inBrowser(text: string): Promise<InBrowser> {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const stop = watch(await renderers(browser));
    const load = await openModel(page, model);
    const first = await analyse(page, text);
    const warm = await analyse(page, `${text} `);
    return { load, first, warm, megabytes: stop(), line: await engineLine(page), version: browser.version() };
  } finally {
    await browser.close();
  }
}

function row(who: string, what: string, seconds: number[], megabytes: number): void {
  const sorted = seconds.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const range = sorted.length > 1 ? ` (${sorted[0]?.toFixed(2) ?? ''} to ${sorted.at(-1)?.toFixed(2) ?? ''})` : '';
  console.log(`| ${who} | ${what} | ${median.toFixed(2)} s${range} | ${megabytes.toFixed(0)} MB |`);
}

const text = await textOf64Tokens();
console.log(`\n${model.split('/').at(-1) ?? ''}, 64 tokens, ${String(REPEATS)} native runs\n`);
console.log('| where | how | time | peak memory |\n|---|---|---|---|');
for (const threads of ['1', '2']) {
  const runs: Measured[] = [];
  for (let i = 0; i < REPEATS; i++) runs.push(await native('analyze', model, '--text', text, '--threads', threads));
  row('native', `load and analysis, ${threads} thread(s)`, runs.map((r) => r.seconds), Math.max(...runs.map((r) => r.megabytes)));
}
const browser = await inBrowser(text);
for (const [what, seconds] of [
  ['load', browser.load],
  ['first analysis', browser.first],
  ['warm analysis', browser.warm],
] as const) {
  row(`Chromium ${browser.version}`, what, [seconds], browser.megabytes);
}
console.log(`\nThe page says: ${browser.line}`);
