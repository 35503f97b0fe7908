/** The test hub does what the tests of the download rely on. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestHub, TOKEN } from '../hub/hub.ts';
import { sha256 } from '../hub/repositories.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
});
afterEach(() => {
  hub.reset();
});
afterAll(() => hub.stop());

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${hub.endpoint}${path}`, { headers });
const WEIGHTS = '/test/gpt2/resolve/main/model.safetensors';

interface Info {
  readonly sha: string;
  readonly siblings: readonly { rfilename: string; size: number; lfs?: { sha256: string } }[];
}

describe('the test hub', () => {
  it('answers the API with commit, sizes and hashes that are those of the files', async () => {
    const info = (await (await get('/api/models/test/gpt2/revision/main?blobs=true')).json()) as Info;
    const weights = info.siblings.find(({ rfilename }) => rfilename === 'model.safetensors');
    const body = new Uint8Array(await (await get(WEIGHTS)).arrayBuffer());
    expect(info.sha).toMatch(/^[0-9a-f]{40}$/);
    expect(weights).toMatchObject({ size: body.length, lfs: { sha256: sha256(body) } });
  });

  it('redirects large files to another origin, which serves ranges of the version that is meant', async () => {
    const part = await get(WEIGHTS, { range: 'bytes=8-15' });
    expect(part.url.startsWith(hub.cdn)).toBe(true);
    expect([part.status, part.headers.get('content-length')]).toEqual([206, '8']);
    const stale = await get(WEIGHTS, { range: 'bytes=8-15', 'if-range': '"other"' });
    expect(stale.status).toBe(200);
    await stale.body?.cancel();
  });

  it('opens a gated repository to the token only, and never sends it to the CDN', async () => {
    const path = '/test/gated/resolve/main/model.safetensors';
    expect((await get(path)).status).toBe(401);
    const opened = await get(path, { authorization: `Bearer ${TOKEN}` });
    expect(opened.status).toBe(200);
    await opened.body?.cancel();
    expect(hub.seen.findLast(({ origin }) => origin === 'cdn')?.token).toBe(null);
  });

  it('misbehaves as often as it was told', async () => {
    hub.misbehave('model.safetensors', { cutAt: 1000 }, 1);
    await expect((async () => (await get(WEIGHTS)).arrayBuffer())()).rejects.toThrow();
    expect((await (await get(WEIGHTS)).arrayBuffer()).byteLength).toBeGreaterThan(1000);
  });
});
