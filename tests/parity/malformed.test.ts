/** Damaged files get the same code and offset in WebAssembly as natively, and the session goes on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CoreError } from '@core';
import { DEFAULTS } from '../../web/src/state/settings.ts';
import { analyse, fileSource, filesIn, loadCore, ROOT, run } from './builds.ts';

interface Case {
  name: string;
  file: string;
  code: string;
  offset: number | null;
}

/** Written by tests/fuzz/gguf_corpus.c in the checked build. */
const FOLDER = 'build/checked/gguf-cases';
const cases = JSON.parse(readFileSync(join(ROOT, FOLDER, 'cases.json'), 'utf8')) as Case[];
const core = await loadCore('simd');

function refusal(path: string): CoreError {
  try {
    core.openModel(fileSource(path)).close();
  } catch (error) {
    if (error instanceof CoreError) return error;
    throw error;
  }
  throw new Error(`${path} was accepted`);
}

describe('malformed GGUF in WebAssembly', () => {
  const refused = cases.filter((c) => c.code !== 'ok');
  it('knows the cases', () => {
    expect(refused.length).toBeGreaterThan(40);
  });

  it.each(refused)('$name: $code', ({ file, code, offset }) => {
    const error = refusal(join(FOLDER, file));
    expect(error.status).toBe(code);
    if (offset !== null) expect(error.offset).toBe(offset);
    expect(error.message).toContain(file);
    expect(error.message).not.toContain('\n');
  });

  // A container that is sound but holds no model is refused for what it lacks, after the container was read.
  it.each(cases.filter((c) => c.code === 'ok'))('$name: a sound container without a model', ({ file }) => {
    expect(['missing', 'unsupported', 'bad-type']).toContain(refusal(join(FOLDER, file)).status);
  });

  it('is as good as new afterwards', async () => {
    const [model = ''] = await filesIn('tests/golden/fixtures', '-f32.gguf');
    const native = await run('analyze', model, '--text', 'the sea', '--json', '-');
    const digest = (JSON.parse(native.stdout) as { digest: string }[])[0]?.digest;
    expect((JSON.parse(analyse(core, model, 'the sea', DEFAULTS)) as { digest: string }).digest).toBe(digest);
  });
});

describe('a model cut short', () => {
  it('is refused alike at every length', async () => {
    const [path = ''] = await filesIn('tests/golden/fixtures', 'gpt2-q8_0.gguf');
    const whole = fileSource(path);
    for (let size = 0; size < whole.size; size += 997) {
      const cut = { ...whole, size };
      expect(() => core.openModel(cut), `${String(size)} bytes`).toThrow(CoreError);
    }
  });
});
