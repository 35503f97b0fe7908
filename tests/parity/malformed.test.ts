/** Damaged files get the same code and offset in WebAssembly as natively, and the session goes on. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CoreError, type ByteSource } from '@core';
import { DEFAULTS } from '../../web/src/state/settings.ts';
import { analyse, analyseSource, fileSource, filesIn, loadCore, openModel, ROOT, run } from './builds.ts';

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
    openModel(core, fileSource(path)).close();
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

/** Written by tests/fuzz/damage.c in the checked build, which says what the verdicts look like. */
interface Damage {
  model: string;
  header: number;
  grid: number;
  cut: string[];
  flipped: string[];
}
const damages = JSON.parse(readFileSync(join(ROOT, FOLDER, 'damage.json'), 'utf8')) as Damage[];

const memory = (bytes: Uint8Array): ByteSource => ({
  name: 'damaged.gguf',
  size: bytes.length,
  read: (offset, into) => {
    into.set(bytes.subarray(offset, offset + into.length));
  },
});

function verdict(bytes: Uint8Array): string {
  try {
    const json = analyseSource(core, memory(bytes), 'a', DEFAULTS);
    return `ok ${(JSON.parse(json) as { digest: string }).digest}`;
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    return `${error.status} ${String(error.offset ?? -1)}`;
  }
}

describe.each(damages)('$model', ({ model, header, grid, cut, flipped }) => {
  const bytes = new Uint8Array(readFileSync(join(ROOT, FOLDER, model)));

  it('cut short anywhere: the same verdict as natively', () => {
    expect(cut.length).toBeGreaterThan(header);
    const sizes = cut.map((_, i) => (i <= header ? i : header + (i - header) * grid));
    expect(sizes.map((size) => verdict(bytes.subarray(0, size)))).toEqual(cut);
  });

  it('with any byte of its header inverted: the same verdict, or the same run', () => {
    expect(flipped).toHaveLength(header);
    const ours = flipped.map((_, at) => {
      const damaged = bytes.slice();
      damaged[at] = 255 - (damaged[at] ?? 0);
      return verdict(damaged);
    });
    expect(ours).toEqual(flipped);
  });
});

/** Written by tests/fuzz/damage.c too: models that are wrong in a setting, the tokeniser or their tensors. */
const models = JSON.parse(readFileSync(join(ROOT, FOLDER, 'models.json'), 'utf8')) as {
  name: string;
  file: string;
  verdict: string;
}[];

describe('models that are wrong by name', () => {
  it('are many', () => {
    expect(models.filter((model) => !model.verdict.startsWith('ok')).length).toBeGreaterThan(40);
  });

  it.each(models)('$name: $verdict', ({ file, verdict: native }) => {
    expect(verdict(new Uint8Array(readFileSync(join(ROOT, FOLDER, file))))).toBe(native);
  });
});

interface Flagged {
  digest: string;
  summary: { nonfinite: number };
}

it('loads weights that are not numbers, flags the result, and gives native and WebAssembly the same', async () => {
  const bytes = new Uint8Array(readFileSync(join(ROOT, 'tests/golden/fixtures/gpt2-f32.gguf')));
  new DataView(bytes.buffer).setFloat32(bytes.length - 4, NaN, true);
  const scratch = mkdtempSync(join(tmpdir(), 'logitscope-'));
  onTestFinished(() => {
    rmSync(scratch, { recursive: true });
  });
  const path = join(scratch, 'nan.gguf');
  writeFileSync(path, bytes);
  const native = await run('analyze', path, '--text', 'the sea', '--json', '-');
  const [expected] = JSON.parse(native.stdout) as Flagged[];
  const ours = JSON.parse(analyseSource(core, memory(bytes), 'the sea', DEFAULTS)) as Flagged;
  expect(expected?.summary.nonfinite).toBeGreaterThan(0);
  expect(ours.digest).toBe(expected?.digest);
  expect(ours.summary.nonfinite).toBe(expected?.summary.nonfinite);
});
