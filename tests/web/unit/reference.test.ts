import { describe, expect, it } from 'vitest';
import { fromLink, linkOf, readReference } from '@web/state/reference.ts';

const HUB = 'https://huggingface.co';

function read(typed: string): unknown {
  const reading = readReference(typed, 'http://localhost:1234');
  return reading.kind === 'reference' ? reading.reference : reading.reason;
}
const hub = (id: string, revision: string | null = null, file: string | null = null) => ({
  kind: 'hub',
  id,
  revision,
  file,
});

describe('what a person pastes', () => {
  it.each([
    ['openai-community/gpt2', hub('openai-community/gpt2')],
    ['  gpt2 ', hub('gpt2')],
    ['a/b@607a30d', hub('a/b', '607a30d')],
    ['a/b@refs/pr/8', hub('a/b', 'refs/pr/8')],
    ['a/b:q8/model.gguf', hub('a/b', null, 'q8/model.gguf')],
    ['a/b@main1:model.gguf', hub('a/b', 'main1', 'model.gguf')],
    [`${HUB}/a/b`, hub('a/b')],
    ['hf.co/a/b', hub('a/b')],
    [`${HUB}/a/b/tree/main`, hub('a/b')],
    [`${HUB}/a/b/tree/refs%2Fpr%2F8`, hub('a/b', 'refs/pr/8')],
    [`${HUB}/a/b/blob/v1.0/x/model.gguf`, hub('a/b', 'v1.0', 'x/model.gguf')],
    [`${HUB}/a/b/resolve/main/model.safetensors?download=true`, hub('a/b')],
    ['http://localhost:1234/a/b', hub('a/b')],
    ['https://example.org/x/model.gguf', { kind: 'url', url: 'https://example.org/x/model.gguf' }],
  ])('%s', (typed, reference) => {
    expect(read(typed)).toEqual(reference);
  });

  it.each([
    ['', /empty/],
    ['two words', /neither/],
    ['../../etc/passwd', /neither/],
    ['a/b/c', /neither/],
    ['a/b~q3', /no type/],
    ['x'.repeat(600), /600 characters/],
    ['http://example.org/model.gguf', /not an https/],
    ['https://me:secret@example.org/model.gguf', /password/],
    ['https://example.org/page', /does not end in/],
    [`${HUB}/datasets/a/b`, /not the page of a model/],
    [`${HUB}/%zz`, /can be read/],
  ])('%s is refused in one sentence', (typed, reason) => {
    expect(read(typed)).toMatch(reason);
  });
});

describe('links', () => {
  it('bring a model of the Hub back, with its type', () => {
    const reference = { kind: 'hub', id: 'a/b', revision: 'abc', file: null } as const;
    expect(linkOf(reference, 'q8_0')).toBe('a/b@abc');
    expect(linkOf(reference, 'f16')).toBe('a/b@abc~f16');
    for (const storedAs of ['q8_0', 'f16', 'f32'] as const)
      expect(fromLink(linkOf(reference, storedAs) ?? '')).toEqual({ reference, storedAs });
    const gguf = { ...reference, file: 'x.gguf' };
    expect(fromLink(linkOf(gguf, 'f32') ?? '')?.reference).toEqual(gguf);
  });

  it('never name other servers or files', () => {
    expect(linkOf({ kind: 'url', url: 'https://example.org/a.gguf' }, 'q8_0')).toBeNull();
    expect(linkOf({ kind: 'files', files: [], name: 'a' }, 'q8_0')).toBeNull();
    expect(fromLink('https://example.org/a.gguf')).toBeNull();
  });
});
