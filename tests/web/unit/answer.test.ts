import { describe, expect, it } from 'vitest';
import { answer } from '@web/state/answer.ts';
import { resultWith } from './support/result.ts';

describe('the answer for one model', () => {
  it('gives commitment and ratio with their intervals', () => {
    const [settles, poles, note] = answer([resultWith()]);
    expect(settles).toBe('Alpha settles on its next token at layer 4.20 of 6 on average (3.80 to 4.60).');
    expect(poles).toBe('Its GD_ratio is 0.910 (0.850 to 0.970): competition outweighs concentration.');
    expect(note).toContain('95% bootstrap intervals over the 2 positions');
  });

  it('claims no leaning that the interval does not carry', () => {
    const [, poles] = answer([resultWith({ ratio: 0.95, ratioBounds: [0.8, 1.1] })]);
    expect(poles).toContain('neither pole clearly outweighs the other');
  });

  it('says that there is no interval for one position', () => {
    const text = answer([resultWith({ tokens: ['In'], ratioBounds: null, commitBounds: null })]).join(' ');
    expect(text).toContain('One position only, so there are no intervals.');
    expect(text).not.toContain('(');
  });

  it('says so when there is no ratio, when the text was cut, and when numbers are not finite', () => {
    const text = answer([resultWith({ ratio: null, nonfinite: 3, cutFrom: 90 })]).join(' ');
    expect(text).toContain('no finite value');
    expect(text).toContain('3 points that are not finite numbers');
    expect(text).toContain('read the first 2 of 90 tokens');
  });
});

describe('the answer for two models', () => {
  it('names the larger ratio and by how much, when the intervals are apart', () => {
    const beta = resultWith({ name: 'Beta', ratio: 0.7, ratioBounds: [0.6, 0.8] });
    const text = answer([beta, resultWith()]).join(' ');
    expect(text).toContain(
      'Alpha’s GD_ratio is 0.910 (0.850 to 0.970), 1.30 times Beta’s 0.700 (0.600 to 0.800).',
    );
    expect(text).toContain('No two-cluster verdict from two models.');
  });

  it('does not tell them apart when the intervals overlap', () => {
    const text = answer([resultWith(), resultWith({ name: 'Beta', ratio: 0.9, ratioBounds: [0.8, 1] })]).join(
      ' ',
    );
    expect(text).toContain('the intervals overlap, so this text does not tell them apart');
    expect(text).not.toContain('times');
  });
});

describe('the answer for more models', () => {
  it('gives the range and no verdict', () => {
    const models = [0.5, 1.5, 0.9].map((ratio, i) =>
      resultWith({ name: `M${i}`, ratio, ratioBounds: [ratio, ratio] }),
    );
    const text = answer(models).join(' ');
    expect(text).toContain('GD_ratio runs from 0.500 (0.500 to 0.500) for M0 to 1.50 (1.50 to 1.50) for M1.');
    expect(text).not.toMatch(/cluster/);
  });
});
