/**
 * Private resident memory of processes, in bytes: RssAnon + RssShmem, without the program files that processes share. Of
 * Chromium it is the renderer's that counts: the page, its workers and the WebAssembly memory.
 */
import { readFileSync } from 'node:fs';
import type { Browser } from '@playwright/test';

const EVERY_MS = 10;

/** 0 when the process is gone. */
function privateBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    const kilobytes = [...status.matchAll(/(?:RssAnon|RssShmem):\s+(\d+)/g)].map((match) => Number(match[1]));
    return kilobytes.reduce((sum, value) => sum + value, 0) * 1024;
  } catch {
    return 0;
  }
}

/** Chromium keeps spare renderers: the one that shows the page is the largest. */
export function largest(pids: readonly number[]): number {
  return Math.max(...pids.map(privateBytes));
}

/** Watches processes until told to stop, which gives the peak of the largest. */
export function watch(pids: readonly number[]): () => number {
  let peak = largest(pids);
  const timer = setInterval(() => (peak = Math.max(peak, largest(pids))), EVERY_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

export async function renderers(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}
