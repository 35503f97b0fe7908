/** Files of the test hub through everything that can go wrong with a connection. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Access } from '@web/download/access.ts';
import { openAddress } from '@web/download/anywhere.ts';
import { lookUp } from '@web/download/hub.ts';
import type { RemoteFile } from '@web/download/remote.ts';
import { TestHub, TOKEN } from '../hub/hub.ts';
import type { Misbehaviour } from '../hub/misbehaviour.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
});
afterEach(() => {
  hub.reset();
});
afterAll(() => hub.stop());

const pauses: number[] = [];
function newAccess(token: string | null = null): Access {
  pauses.length = 0;
  const access = new Access(hub.endpoint, (milliseconds) => Promise.resolve(void pauses.push(milliseconds)));
  access.token = token;
  return access;
}

const hubReference = (id: string, more: { revision?: string; file?: string } = {}) =>
  ({ kind: 'hub', id, revision: null, file: null, ...more }) as const;

const original = (id: string, name: string): Buffer =>
  hub.repositories.get(id)?.files.get(name)?.bytes ?? Buffer.alloc(0);

async function weights(access = newAccess(), id = 'test/medium'): Promise<RemoteFile> {
  const { files } = await lookUp(access, hubReference(id));
  const found = files.find(({ name }) => name === 'model.safetensors');
  if (found === undefined) throw new Error('no weights');
  return found;
}

async function all(file: RemoteFile, from = 0): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.stream(from)) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

const fileRequests = () =>
  hub.seen.filter(({ origin, path }) => origin === 'cdn' && path.endsWith('.safetensors'));

describe('a file of the Hub', { timeout: 30_000 }, () => {
  it('streams from any place, and reads headers in few requests', async () => {
    const file = await weights();
    const whole = original('test/medium', 'model.safetensors');
    expect((await all(file)).equals(whole)).toBe(true);
    expect((await all(file, 5_000_001)).equals(whole.subarray(5_000_001))).toBe(true);
    hub.seen.length = 0;
    expect(Buffer.from(await file.read(0, 8)).equals(whole.subarray(0, 8))).toBe(true);
    expect(Buffer.from(await file.read(8, 3000)).equals(whole.subarray(8, 3008))).toBe(true);
    expect(fileRequests()).toHaveLength(1);
    const end = whole.length - 10;
    expect(Buffer.from(await file.read(end, 10)).equals(whole.subarray(end))).toBe(true);
  });

  it.each<[string, Misbehaviour, number]>([
    ['cut short once', { cutAt: 3_000_000 }, 1],
    ['cut short again and again, getting on each time', { cutAfter: 1_000_000 }, Infinity],
    ['busy at first', { status: 503 }, 2],
    ['told to wait', { status: 429, retryAfter: 7 }, 1],
    ['a server without ranges that breaks off once', { noRange: true, cutAt: 3_000_000 }, 1],
    ['a wrong Content-Range once', { wrongRange: true, cutAt: 3_000_000 }, 2],
  ])('comes whole through: %s', async (_, what, times) => {
    const file = await weights();
    hub.misbehave('model.safetensors', what, times);
    expect((await all(file)).equals(original('test/medium', 'model.safetensors'))).toBe(true);
    expect(pauses.length).toBeGreaterThan(0);
    if (what.retryAfter !== undefined) expect(pauses[0]).toBe(7000);
  });

  it('goes on with Range and If-Range, and starts over where the server sends all of it', async () => {
    const file = await weights();
    hub.misbehave('model.safetensors', { ignoreRange: true }, 2);
    hub.misbehave('model.safetensors', { cutAt: 3_000_000 }, 1);
    expect((await all(file)).equals(original('test/medium', 'model.safetensors'))).toBe(true);
    const [, second] = fileRequests();
    expect(second?.range).toMatch(/^bytes=\d+-$/);
    expect(second?.ifRange).toBe(file.etag);
  });

  it('works with a server that knows no ranges at all', async () => {
    const file = await weights();
    hub.misbehave('model.safetensors', { noRange: true });
    const whole = original('test/medium', 'model.safetensors');
    expect(Buffer.from(await file.read(0, 100)).equals(whole.subarray(0, 100))).toBe(true);
    expect((await all(file, 4_000_000)).equals(whole.subarray(4_000_000))).toBe(true);
  });

  it('says so when it breaks off at the same place for ever', async () => {
    const file = await weights();
    hub.misbehave('model.safetensors', { cutAt: 3_000_000 });
    await expect(all(file)).rejects.toMatchObject({
      status: 'cut-short',
      message: expect.stringMatching(/^“model\.safetensors” keeps breaking off/) as string,
    });
    expect(pauses).toEqual([500, 1000, 2000, 4000]);
  });

  it('refuses to mix two versions of a file', async () => {
    const file = await weights();
    hub.misbehave('model.safetensors', { changed: true });
    hub.misbehave('model.safetensors', { cutAt: 3_000_000, changed: false }, 1);
    await expect(all(file)).rejects.toMatchObject({ status: 'changed' });
  });

  it('gives up on a place that the server gets wrong every time', async () => {
    const file = await weights();
    hub.misbehave('model.safetensors', { wrongRange: true });
    await expect(all(file, 1000)).rejects.toMatchObject({ status: 'wrong-range' });
  });

  it('stops when it is told to', async () => {
    const access = newAccess();
    const stop = new AbortController();
    access.signal = stop.signal;
    const file = await weights(access);
    hub.misbehave('model.safetensors', { throttle: 2_000_000 });
    const reading = (async () => {
      for await (const chunk of file.stream(0)) if (chunk.length > 0) stop.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toThrow('enough');
  });
});

describe('the Hub', () => {
  it('says commit, licence, sizes and hashes', async () => {
    const found = await lookUp(newAccess(), hubReference('test/gptneox'));
    expect(found).toMatchObject({ id: 'test/gptneox', licence: 'apache-2.0' });
    expect(found.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(found.files.map(({ name, sha256 }) => [name, sha256 !== null])).toEqual([
      ['config.json', false],
      ['tokenizer.json', false],
      ['tokenizer_config.json', false],
      ['model.safetensors', true],
    ]);
  });

  it('knows old ids without an owner, commits and references', async () => {
    const { commit } = await lookUp(newAccess(), hubReference('gpt2'));
    expect((await lookUp(newAccess(), hubReference('gpt2', { revision: commit }))).commit).toBe(commit);
    expect((await lookUp(newAccess(), hubReference('gpt2', { revision: 'refs/pr/1' }))).commit).toBe(commit);
  });

  it('takes the only .gguf, and asks which one where there are several', async () => {
    const { files } = await lookUp(newAccess(), hubReference('test/one-gguf'));
    expect(files.map(({ name }) => name)).toEqual(['model.gguf']);
    await expect(lookUp(newAccess(), hubReference('test/gguf'))).rejects.toMatchObject({
      status: 'several',
      message: expect.stringContaining('test/gguf:gpt2-q8_0.gguf') as string,
    });
    const one = await lookUp(newAccess(), hubReference('test/gguf', { file: 'gpt2-f16.gguf' }));
    expect(one.files.map(({ name }) => name)).toEqual(['gpt2-f16.gguf']);
  });

  it.each([
    ['no such model', 'test/none', {}, 'not-found', /no “test\/none” on .*, or it is private/],
    ['no such revision', 'test/gpt2', { revision: 'v9' }, 'not-found', /no such revision/],
    ['no such file', 'test/gguf', { file: 'x.gguf' }, 'not-found', /has no “x\.gguf”/],
  ])('%s', async (_, id, more, status, message) => {
    await expect(lookUp(newAccess(), hubReference(id, more))).rejects.toMatchObject({
      status,
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['rate limit', { status: 429 }, 'rate-limited', /allows no more requests for now/],
    ['trouble', { status: 500 }, 'server-failed', /in trouble \(HTTP 500\)/],
    ['no entry', { status: 418 }, 'refused', /HTTP 418/],
  ])('one sentence for: %s', async (_, what, status, message) => {
    hub.misbehave('/revision/main', what);
    await expect(lookUp(newAccess(), hubReference('test/gpt2'))).rejects.toMatchObject({
      status,
      message: expect.stringMatching(message) as string,
    });
  });

  it('says that nobody is there', async () => {
    const access = new Access('http://localhost:9', () => Promise.resolve());
    await expect(lookUp(access, hubReference('test/gpt2'))).rejects.toMatchObject({ status: 'unreachable' });
  });
});

describe('a gated model', () => {
  it('opens to a token, which goes to the Hub alone and into no message', async () => {
    const closed = await weights(newAccess(), 'test/gated');
    await expect(closed.read(0, 8)).rejects.toMatchObject({
      status: 'gated',
      message: expect.stringMatching(/“test\/gated” is gated: accept its terms at /) as string,
    });
    const opened = await weights(newAccess(TOKEN), 'test/gated');
    hub.misbehave('model.safetensors', { cutAt: 100_000 }, 1);
    expect((await all(opened)).equals(original('test/gated', 'model.safetensors'))).toBe(true);
    const toHub = hub.seen.filter(({ origin, token }) => origin === 'hub' && token !== null);
    expect(toHub.length).toBeGreaterThan(1);
    expect(hub.seen.filter(({ origin, token }) => origin === 'cdn' && token !== null)).toEqual([]);
  });

  it('refuses a token that is none, or the wrong one, without repeating it', async () => {
    await expect(weights(newAccess('hf_two words'))).rejects.toMatchObject({ status: 'bad-token' });
    const wrong = await weights(newAccess('hf_wrong'), 'test/gated');
    const error: unknown = await wrong.read(0, 8).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 'gated' });
    expect(String(error)).not.toContain('hf_wrong');
  });
});

describe('an address', () => {
  const address = (id: string, name: string): string => `${hub.endpoint}/${id}/resolve/main/${name}`;
  const names = async (id: string, name: string): Promise<string[]> =>
    (await openAddress(newAccess(), address(id, name))).map((file) => file.name);

  it('of a .gguf, of safetensors, of an index and of one of its shards', async () => {
    expect(await names('test/one-gguf', 'model.gguf')).toEqual(['model.gguf']);
    const config = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
    expect(await names('test/gpt2', 'model.safetensors')).toEqual([...config, 'model.safetensors']);
    const shards = [1, 2, 3].map((shard) => `model-0000${shard}-of-00003.safetensors`);
    const sharded = [...config, 'model.safetensors.index.json', ...shards];
    expect(await names('test/sharded', 'model.safetensors.index.json')).toEqual(sharded);
    expect(await names('test/sharded', shards[1] ?? '')).toEqual(sharded);
  });

  it('needs no Content-Range and no ranges to learn the length', async () => {
    hub.misbehave('model.gguf', { noRange: true });
    const [file] = await openAddress(newAccess(), address('test/one-gguf', 'model.gguf'));
    expect(file?.size).toBe(original('test/one-gguf', 'model.gguf').length);
  });

  it.each([
    ['another kind of file', 'test/gpt2', 'config.json', /must be that of a \.gguf/],
    ['nothing there', 'test/gpt2', 'other.gguf', /no such file/],
  ])('%s', async (_, id, name, message) => {
    await expect(openAddress(newAccess(), address(id, name))).rejects.toThrow(message);
  });
});
