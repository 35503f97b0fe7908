import { describe, expect, it } from 'vitest';
import { changedFields, DEFAULTS, FIELDS, needsPass, withField } from '@web/state/settings.ts';

const field = (key: string) => {
  const found = FIELDS.find((candidate) => candidate.key === key);
  if (found === undefined) throw new Error(`no field ${key}`);
  return found;
};

describe('settings', () => {
  it('have a field, a default and an explanation each', () => {
    expect(FIELDS.map(({ key }) => key).sort()).toEqual(Object.keys(DEFAULTS).sort());
    for (const { why } of FIELDS) expect(why).toMatch(/\.$/);
  });

  it('take what is in range and nothing else', () => {
    expect(withField(DEFAULTS, field('branch_p2'), '0.2')).toEqual({ ...DEFAULTS, branch_p2: 0.2 });
    for (const text of ['', ' ', 'x', '1e999', '-0.1', '1.1'])
      expect(withField(DEFAULTS, field('branch_p2'), text)).toBeNull();
    for (const text of ['0', '1']) expect(withField(DEFAULTS, field('step_quantile'), text)).toBeNull();
    expect(withField(DEFAULTS, field('from_layer'), '2.5')).toBeNull();
    expect(withField(DEFAULTS, field('lens'), 'tuned')).toBeNull();
  });

  it('know what differs from the defaults, and what needs the lens again', () => {
    const changed = { ...DEFAULTS, operator: 'entropic' as const };
    expect(changedFields(changed).map(({ key }) => key)).toEqual(['operator']);
    expect(needsPass(DEFAULTS, changed)).toBe(false);
    expect(needsPass(DEFAULTS, { ...DEFAULTS, lens: 'raw' })).toBe(true);
    expect(needsPass(DEFAULTS, { ...DEFAULTS, sinks: 1 })).toBe(true);
    expect(needsPass(DEFAULTS, { ...DEFAULTS, window: 1 })).toBe(true);
  });
});
