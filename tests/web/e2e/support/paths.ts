import { fileURLToPath } from 'node:url';

const fromRoot = (relative: string): string =>
  fileURLToPath(new URL(`../../../../${relative}`, import.meta.url));

export const ROOT = fromRoot('');
export const SERVER = fromRoot('web/tools/serve.ts');
/** The folder above the built page: the page is always tested from a sub-path. */
export const SITE = fromRoot('web');
export const PAGE = 'dist/';
export const NATIVE = fromRoot('build/native/logitscope');
export const SCRATCH = fromRoot('build/test');
export const FIXTURES = fromRoot('tests/golden/fixtures');
export const MODELS = fromRoot('models');
/** The true shape of Pythia-70M with random weights: big enough that a run takes a while. */
export const SLOW_MODEL = fromRoot('build/test/pythia-70m-shape.gguf');
export const MAKE_SHAPE = fromRoot('tests/bench/make_shape.ts');
