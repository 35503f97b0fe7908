import { describe, expect, it } from 'vitest';
import { failureFrom, tooLong } from '@web/state/failure.ts';

describe('failures', () => {
  it('say what, why and what to do, in sentences', () => {
    const failure = failureFrom('Not opened.', { status: 'truncated', message: 'the file ends early' });
    expect(failure).toEqual({
      what: 'Not opened.',
      why: 'The file ends early.',
      todo: 'The file may be an unfinished download: fetch it again.',
    });
  });

  it('offer one cut that suits every model', () => {
    const fault = { status: 'text-too-long', message: 'too long' };
    const refusals = [64, 32].map((context, i) => ({ name: `M${i}`, context, fault }));
    expect(tooLong(refusals)).toMatchObject({ what: 'Not analysed by M0 and M1.', cutTo: 32 });
    expect(tooLong([])).toBeNull();
  });
});
