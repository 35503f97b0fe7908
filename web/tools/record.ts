/**
 * Records the example that the page shows at first: `npm run record`. Runs the native command line on the built-in
 * models and writes src/recorded.json. Run it again whenever the core, the models or the result format change.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Result } from '../src/state/result.ts';

const TEXT = 'In the beginning God created the heaven and the earth.';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

interface Catalogue {
  readonly models: readonly { readonly id: string; readonly file: string; readonly builtin: boolean }[];
}

const { models } = JSON.parse(readFileSync(path('../../models/catalogue.json'), 'utf8')) as Catalogue;
const builtin = models.filter((model) => model.builtin);
const files = builtin.map(({ file }) => path(`../../models/${file}`));
const output = execFileSync(
  path('../../build/native/logitscope'),
  ['analyze', ...files, '--text', TEXT, '--json', '-'],
  {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  },
);
const results = (JSON.parse(output) as Result[]).map((result, index) => ({
  model: builtin[index]?.id ?? '',
  result,
}));
const recorded = JSON.stringify({ text: TEXT, results });
writeFileSync(path('../src/recorded.json'), `${recorded}\n`);
console.log(
  `src/recorded.json: ${recorded.length} characters, ${results.map(({ result }) => result.digest.slice(0, 12)).join(', ')}`,
);
