import { describe, expect, it } from 'vitest';
import { FRAGMENT_LIMIT, readFragment, writeFragment } from '@web/state/fragment.ts';
import { DEFAULTS } from '@web/state/settings.ts';

const KNOWN = ['bible-gpt', 'bible-neox'];
const isKnown = (name: string): boolean => KNOWN.includes(name);
const VIEW = { models: KNOWN, text: 'Grüße, & so = on #1 %', settings: DEFAULTS };

function refusal(fragment: string): string {
  const reading = readFragment(fragment, isKnown);
  if (reading.kind !== 'refused') throw new Error(`read as ${reading.kind}`);
  return reading.reason;
}

describe('a fragment', () => {
  it('comes back as it was written', () => {
    const settings = {
      ...DEFAULTS,
      lens: 'raw' as const,
      branch_p2: 0.05,
      from_layer: 0,
      sinks: 4,
      window: 64,
    };
    const written = writeFragment({ ...VIEW, settings });
    expect(readFragment(`#${written ?? ''}`, isKnown)).toEqual({
      kind: 'view',
      view: { ...VIEW, settings },
      notes: [],
    });
  });

  it('leaves the defaults out', () => {
    expect(writeFragment({ ...VIEW, text: 'a' })).toBe('v=1&m=bible-gpt%2Cbible-neox&t=a');
  });

  it('is not written past the limit', () => {
    expect(writeFragment({ ...VIEW, text: 'x'.repeat(FRAGMENT_LIMIT) })).toBeNull();
  });

  it('survives a lone surrogate', () => {
    expect(writeFragment({ ...VIEW, text: 'a\uD800b' })).toContain('t=a%EF%BF%BDb');
  });

  it('is empty when there is none', () => {
    expect(readFragment('', isKnown).kind).toBe('empty');
    expect(readFragment('#', isKnown).kind).toBe('empty');
  });
});

describe('a hostile fragment', () => {
  it('is refused when it is 10 MB long', () => {
    expect(refusal(`#v=1&t=${'a'.repeat(10_000_000)}`)).toContain(String(FRAGMENT_LIMIT));
  });

  it('is refused from one character beyond the limit on', () => {
    const longest = `#v=1&t=${'a'.repeat(FRAGMENT_LIMIT - 'v=1&t='.length)}`;
    expect(readFragment(longest, isKnown).kind).toBe('view');
    expect(refusal(`${longest}a`)).toContain(`${FRAGMENT_LIMIT + 1} characters`);
  });

  it('is refused when its version is unknown or missing', () => {
    expect(refusal('#v=2&t=a')).toContain('version “2”');
    expect(refusal('#t=a')).toContain('version');
    expect(refusal(`#v=${'9'.repeat(1000)}`).length).toBeLessThan(120);
  });

  it('is refused when it is truncated inside an escape, or has no fields', () => {
    expect(refusal('#v=1&t=%E2%82')).toContain('damaged');
    expect(refusal('#v=1&t=%')).toContain('damaged');
    expect(refusal('#nonsense')).toContain('damaged');
  });

  it('never reaches a prototype', () => {
    const reading = readFragment('#v=1&__proto__=polluted&constructor=x&m=__proto__&lens=__proto__', isKnown);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(reading).toMatchObject({ kind: 'view', view: { models: [], settings: DEFAULTS } });
  });

  it('cannot name a model that the page does not have', () => {
    const reading = readFragment('#v=1&m=bible-gpt,../../etc/passwd,https:%2F%2Fexample.org', isKnown);
    expect(reading).toMatchObject({ kind: 'view', view: { models: ['bible-gpt'] } });
    expect(reading).toHaveProperty('notes.length', 1);
  });

  it.each([
    'branch_p2=NaN',
    'branch_p2=2',
    'branch_p2=',
    'step_quantile=1',
    'from_layer=1.5',
    'from_layer=-1',
    'operator=x',
  ])('cannot set %s', (field) => {
    const reading = readFragment(`#v=1&${field}`, isKnown);
    expect(reading).toMatchObject({ kind: 'view', view: { settings: DEFAULTS } });
    expect(reading).toHaveProperty('notes.length', 1);
  });
});
