/** npm run import with a model of the Hub, as a person runs it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestHub, TOKEN } from '../hub/hub.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const TOOL = path('../../../web/tools/import.ts');

let hub: TestHub;
const scratch = mkdtempSync(join(tmpdir(), 'logitscope-hub-'));
beforeAll(async () => {
  hub = await TestHub.start();
});
afterEach(() => {
  hub.reset();
});
afterAll(async () => {
  await hub.stop();
  rmSync(scratch, { recursive: true });
});

function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ status: number; error: string }> {
  const options = { env: { ...process.env, HF_ENDPOINT: hub.endpoint, ...env } };
  return new Promise((done) => {
    execFile(process.execPath, ['--import', 'tsx', TOOL, ...args], options, (failure, _, error) => {
      done({ status: typeof failure?.code === 'number' ? failure.code : 0, error });
    });
  });
}

describe('the import command on the Hub', { timeout: 60_000 }, () => {
  it('writes what an import of the same folder writes', async () => {
    const [fromHub, fromDisk] = [join(scratch, 'hub.gguf'), join(scratch, 'disk.gguf')];
    const commit = hub.repositories.get('test/gptneox')?.commit ?? '';
    expect(await run([`test/gptneox@${commit}`, '-o', fromHub])).toEqual({ status: 0, error: '' });
    const folder = path('../../golden/fixtures/gptneox');
    expect(await run([folder, '-o', fromDisk])).toEqual({ status: 0, error: '' });
    expect(readFileSync(fromHub).equals(readFileSync(fromDisk))).toBe(true);
  });

  it('takes a token from HF_TOKEN, and shows it to nobody', async () => {
    const out = join(scratch, 'gated.gguf');
    const closed = await run(['test/gated', '-o', out]);
    expect(closed).toMatchObject({
      status: 1,
      error: expect.stringMatching(/gated: accept its terms/) as string,
    });
    const wrong = await run(['test/gated', '-o', out], { HF_TOKEN: 'hf_wrong' });
    expect(wrong.status).toBe(1);
    expect(wrong.error).not.toContain('hf_wrong');
    expect(await run(['test/gated', '-o', out], { HF_TOKEN: TOKEN })).toEqual({ status: 0, error: '' });
  });

  it('refuses bytes that are not those of the Hub, and leaves nothing behind', async () => {
    hub.misbehave('model.safetensors', { corruptAt: 300_000 });
    const before = readdirSync(scratch);
    const result = await run(['test/gpt2', '-o', join(scratch, 'bad.gguf')]);
    expect(result).toMatchObject({
      status: 1,
      error: expect.stringMatching(/its SHA-256 differs/) as string,
    });
    expect(readdirSync(scratch)).toEqual(before);
  });
});
