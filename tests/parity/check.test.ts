/** A model judged by its header: in WebAssembly too it says what opening the whole file says. */
import { beforeAll, describe, expect, it } from 'vitest';
import { CoreError, type Core } from '@core';
import { DEFAULTS } from '../../web/src/state/settings.ts';
import { fileSource, filesIn, loadCore, openModel } from './builds.ts';

const paths = [...(await filesIn('tests/golden/fixtures', '.gguf')), ...(await filesIn('models', '.gguf'))];
let core: Core;
beforeAll(async () => {
  core = await loadCore('simd');
});

/** A file of which only the first `held` bytes are there yet. */
function fetched(path: string, held: number) {
  const whole = fileSource(path);
  const read = (offset: number, into: Uint8Array) => {
    if (offset + into.length > held) throw new Error('not fetched yet');
    whole.read(offset, into);
  };
  return { ...whole, read };
}

function judge(path: string, held: number) {
  const model = core.checkModel(fetched(path, held));
  model.close();
  return model.info;
}

describe('a model judged by its header', () => {
  it.each(paths)('%s: the same facts, but for the SHA-256', (path) => {
    const opened = openModel(core, fileSource(path));
    opened.close();
    expect(judge(path, Infinity)).toEqual({ ...opened.info, sha256: '' });
  });

  it('needs nothing beyond the header', () => {
    const path = 'models/bible-neox.gguf';
    const { size } = fileSource(path);
    const enough = (held: number) => {
      try {
        return judge(path, held).bytes === size;
      } catch (error) {
        expect((error as CoreError).status).toBe('read-failed');
        return false;
      }
    };
    let low = 0;
    let high = size;
    while (low + 1 < high) {
      const middle = Math.floor((low + high) / 2);
      if (enough(middle)) high = middle;
      else low = middle;
    }
    expect(high).toBeLessThan(size / 10);
  });

  it('tokenises, and opens no session', () => {
    const path = 'models/bible-gpt.gguf';
    const checked = core.checkModel(fileSource(path));
    const opened = openModel(core, fileSource(path));
    expect(checked.tokenize('In the beginning')).toEqual(opened.tokenize('In the beginning'));
    expect(() => checked.openSession('In', false, DEFAULTS)).toThrow(/only the header/);
    checked.close();
    opened.close();
  });
});
