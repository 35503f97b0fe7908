import { describe, expect, it } from 'vitest';
import { initialState, type AppState, type ModelEntry } from '@web/state/app.ts';
import {
  canonicalName,
  fetchLabel,
  linkName,
  partialOf,
  remoteLabel,
  storeLine,
  withArrived,
  withFacts,
  withLinked,
  type Remote,
} from '@web/state/library.ts';
import type { Offer, StoredModel, StoreFacts } from '@web/download/protocol.ts';

const GPT2: Remote = {
  id: 'gpt2',
  name: 'GPT-2',
  family: 'gpt2',
  reference: { kind: 'hub', id: 'openai-community/gpt2', revision: '607a30d', file: null },
  layers: 12,
  parameters: 124_439_808,
  context: 1024,
  licence: 'MIT',
  restriction: null,
  gated: false,
  mirror: null,
  download: 548_105_171,
};
const STORED: StoredModel = {
  key: 'gpt2-1',
  name: 'gpt2',
  from: 'openai-community/gpt2 at 607a30d',
  licence: 'mit',
  reference: GPT2.reference,
  storedAs: 'q8_0',
  bytes: 1_000_000,
  at: 0,
};
const NOTHING: StoreFacts = { models: [], partial: [], where: 'opfs', usage: 0, quota: 10e9 };
const ENTRY: ModelEntry = {
  id: 'gpt2-1',
  name: 'gpt2',
  origin: 'stored',
  bytes: 1,
  layers: 12,
  parameters: 1,
  context: 1024,
  note: '',
  link: 'gpt2',
  opening: null,
};
const offer = (more: Partial<Offer>): Offer => ({ download: 548e6, have: 0, ...more }) as Offer;

describe('how links name models', () => {
  it('is one name for one model', () => {
    for (const name of ['gpt2', 'openai-community/gpt2', 'openai-community/gpt2@607a30d'])
      expect(canonicalName(name, [GPT2])).toBe('gpt2');
    expect(canonicalName('openai-community/gpt2@other', [GPT2])).toBe('openai-community/gpt2@other');
    expect(canonicalName('openai-community/gpt2~f16', [GPT2])).toBe('openai-community/gpt2~f16');
  });

  it('knows no other names without an owner, no addresses and no files', () => {
    for (const name of ['unknown', 'https://example.org/a.gguf', '../../x', '__proto__'])
      expect(canonicalName(name, [GPT2])).toBeNull();
    expect(linkName({ reference: null, storedAs: 'q8_0' }, [GPT2])).toBeNull();
  });
});

describe('the store as the page shows it', () => {
  const wanting: AppState = { ...initialState(), wanted: ['gpt2', 'a/b'], chosen: [] };

  it('gives each stored model a chip, with the facts of the catalogue, unchosen', () => {
    const state = withFacts(initialState(), { ...NOTHING, models: [STORED] }, [GPT2]);
    expect(state.models).toMatchObject([{ id: 'gpt2-1', origin: 'stored', layers: 12, link: 'gpt2' }]);
    expect(state.chosen).toEqual([]);
    expect(withFacts(state, { ...NOTHING, models: [STORED] }, [GPT2]).models).toHaveLength(1);
  });

  it('chooses what the link named, and goes on wanting the rest', () => {
    const state = withFacts(wanting, { ...NOTHING, models: [STORED] }, [GPT2]);
    expect(state).toMatchObject({ chosen: ['gpt2-1'], wanted: ['a/b'] });
    expect(withLinked(wanting)).toBe(wanting);
  });

  it('forgets what was deleted', () => {
    const state = withArrived(initialState(), ENTRY);
    expect(state.chosen).toEqual(['gpt2-1']);
    expect(withFacts(state, NOTHING, [GPT2])).toMatchObject({ models: [], chosen: [] });
  });

  it('keeps what works from memory though it is not stored', () => {
    const state = withArrived(initialState(), { ...ENTRY, origin: 'memory' });
    expect(withFacts(state, NOTHING, [GPT2]).chosen).toEqual(['gpt2-1']);
  });

  it('is told honestly', () => {
    expect(storeLine({ ...NOTHING, models: [STORED] })).toBe(
      '1.00 MB kept in this browser, on this machine; the browser allows 10.0 GB more.',
    );
    expect(storeLine({ ...NOTHING, where: 'memory' })).toContain('gone when the page is closed');
  });

  it('finds the unfinished download of a model of the catalogue', () => {
    const partial = { ...STORED, done: 1, total: 2 };
    expect(partialOf(GPT2, { ...NOTHING, partial: [partial] })).toBe(partial);
    expect(partialOf(GPT2, { ...NOTHING, partial: [{ ...partial, reference: null }] })).toBeNull();
  });
});

describe('the button that begins a download', () => {
  it('always says how much it fetches, or that it does not know yet', () => {
    expect(fetchLabel({ offer: offer({}), reference: GPT2.reference })).toBe('Download 548 MB');
    expect(fetchLabel({ offer: offer({ have: 210e6 }), reference: GPT2.reference })).toBe(
      'Resume, 210 of 548 MB here',
    );
    const files = { kind: 'files', files: [], name: 'a' } as const;
    expect(fetchLabel({ offer: offer({}), reference: files })).toBe('Read 548 MB');
    expect(remoteLabel(GPT2)).toBe('Download 548 MB');
    expect(remoteLabel({ ...GPT2, download: null })).toBe('Look up its size');
  });
});
