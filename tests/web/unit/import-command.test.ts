/** npm run import, as a person runs it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readGguf, tinyFiles } from './import-helpers.ts';

const TOOL = fileURLToPath(new URL('../../../web/tools/import.ts', import.meta.url));

interface Run {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

function run(...args: string[]): Promise<Run> {
  return new Promise((done) => {
    execFile(process.execPath, ['--import', 'tsx', TOOL, ...args], (failure, out, error) => {
      done({ status: typeof failure?.code === 'number' ? failure.code : 0, out, error });
    });
  });
}

const scratch = mkdtempSync(join(tmpdir(), 'logitscope-import-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

async function tinyFolder(name: string): Promise<string> {
  const folder = mkdtempSync(join(scratch, name));
  for (const file of tinyFiles()) writeFileSync(join(folder, file.name), await file.read(0, file.size));
  return folder;
}

describe('the import command', { timeout: 30_000 }, () => {
  it('converts, says what it does, and leaves nothing else behind', async () => {
    const folder = await tinyFolder('good');
    const result = await run(folder, '-o', join(folder, 'out.gguf'), '--type', 'f16', '--name', 'Two Words');
    expect(result).toMatchObject({ status: 0, error: '' });
    expect(result.out.split('\n')).toHaveLength(6);
    expect(readdirSync(folder).filter((name) => !/json|safetensors$/.test(name))).toEqual(['out.gguf']);
    const { metadata } = readGguf(readFileSync(join(folder, 'out.gguf')));
    expect(metadata.get('general.name')).toBe('Two Words');
    expect(metadata.get('general.file_type')).toBe(1);
  });

  it('refuses a bad folder with one sentence, and writes nothing', async () => {
    const folder = await tinyFolder('bad');
    writeFileSync(join(folder, 'config.json'), '{"model_type": "mamba"}');
    const result = await run(folder, '-o', join(folder, 'out.gguf'));
    expect(result.status).toBe(1);
    expect(result.error).toMatch(
      /^import: config\.json: the architecture "mamba" cannot be imported; .*\.\n$/,
    );
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it.each([
    ['no such folder', [join(scratch, 'nowhere'), '-o', 'x.gguf'], 1, /there is no such folder/],
    ['a file in place of a folder', [TOOL, '-o', 'x.gguf'], 1, /a file, not a model folder/],
    [
      'nowhere to write',
      [scratch, '-o', join(scratch, 'nowhere', 'x.gguf')],
      1,
      /there is no folder .*nowhere/,
    ],
    ['a folder as the target', [scratch, '-o', scratch], 1, /not a file/],
    ['no arguments', [], 2, /name one model folder/],
    ['two folders', ['a', 'b', '-o', 'x.gguf'], 2, /name one model folder/],
    ['no target', ['a'], 2, /with -o/],
    ['unknown type', ['a', '-o', 'x.gguf', '--type', 'q4_0'], 2, /q4_0.*f32, f16, q8_0/],
    ['unknown option', ['a', '--fast'], 2, /--fast/],
  ])('%s', async (_, args, status, sentence) => {
    const result = await run(...args);
    expect(result.status).toBe(status);
    expect(result.error).toMatch(sentence);
    expect(result.error).not.toMatch(/^\s+at /m);
  });

  it('explains itself', async () => {
    const result = await run('--help');
    expect(result).toMatchObject({ status: 0, error: '' });
    expect(result.out).toMatch(/usage: .*SOURCE -o OUT\.gguf/);
  });
});
