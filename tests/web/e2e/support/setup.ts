import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { MAKE_SHAPE, ROOT, SCRATCH, SLOW_MODEL } from './paths.ts';

/** Makes the model that is too large to commit, once. */
export default function setup(): void {
  mkdirSync(SCRATCH, { recursive: true });
  if (existsSync(SLOW_MODEL)) return;
  execFileSync('npx', ['tsx', MAKE_SHAPE, 'pythia-70m', '-o', SLOW_MODEL, '--seed', '1'], { cwd: ROOT });
}
