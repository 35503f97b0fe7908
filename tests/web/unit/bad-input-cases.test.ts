/** tests/fuzz/CASES.md names a test for every case of bad input; here those tests are looked for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const TESTS = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['unit', 'fuzz', 'parity', 'web/unit', 'web/e2e'];

/** Sources by their path below tests/. */
const sources = new Map(
  FOLDERS.flatMap((folder) =>
    readdirSync(join(TESTS, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:c|ts)$/.test(name) && !name.endsWith('bad-input-cases.test.ts'))
      .map((name) => [`${folder}/${name}`, readFileSync(join(TESTS, folder, name), 'utf8')] as const),
  ),
);

/** A name in backquotes is that of a test, with its file in front or not, or that of a file; * stands for the rest. */
function isThere(name: string): boolean {
  const [, path = '', test = name] = /^([\w./-]+\.(?:c|ts))(?:: (.*))?$/.exec(name) ?? [];
  const files = [...sources].filter(([file]) => file.endsWith(path)).map(([, text]) => text);
  if (test === name && path !== '') return files.length > 0;
  const parts = test.split('*').filter((part) => part !== '');
  return files.some((text) => parts.every((part) => text.includes(part)));
}

describe('the table of bad input', () => {
  const table = readFileSync(join(TESTS, 'fuzz/CASES.md'), 'utf8');
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'));

  it('has the cases', () => {
    expect(rows.length).toBeGreaterThan(50);
  });

  it.each(rows)('%s', (row) => {
    const names = [...row.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    expect(names.filter((name) => !isThere(name))).toEqual([]);
  });

  it('would notice a test that is gone', () => {
    expect(isThere('unit/test_model.c: test_of_nothing')).toBe(false);
    expect(isThere('unit/test_nothing.c')).toBe(false);
  });
});
