/** The command line as its user meets it: output, exit codes, one sentence for every mistake. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMAND, filesIn, ROOT, run, runProgram } from './builds.ts';

const scratch = mkdtempSync(join(tmpdir(), 'logitscope-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

function scratchFile(name: string, content: string | Buffer): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

const models = await filesIn('models', '.gguf');
const [model = ''] = models;
const whole = readFileSync(join(ROOT, model));

describe('analyze --json', () => {
  it('holds everything the schema promises, for every model', async () => {
    const ran = await run('analyze', ...models, '--text', 'In the beginning', '--json', '-');
    expect(ran.code).toBe(0);
    const results = JSON.parse(ran.stdout) as Record<string, never>[];
    expect(results).toHaveLength(models.length);
    for (const result of results) checkResult(result);
  });
});

/* The schema as the README states it. */
const POINT_KEYS = [
  'entropy', 'entropy_norm', 'effective_tokens', 'p1', 'p2', 'margin', 'ratio', 'top5_mass', 'n_1pct', 'mass_1pct',
  'n_rel', 'target_p', 'target_rank', 'surprisal', 'kl_final', 'norm', 'step', 'turn', 'g', 'd', 'top', 'state',
]; // prettier-ignore

interface Shape {
  schema: string;
  model: { layers: number; vocab: number; sha256: string };
  tokens: { id: number; text: string }[];
  points: Record<string, (number | null)[][]>;
  summary: {
    gd_ratio: number;
    mean_g: number;
    mean_d: number;
    gd_ratio_by_layer: number[];
    entropy_by_layer: number[];
    p1_by_layer: number[];
    states: Record<string, number>;
    commit: { mean: number; by_position: number[] };
    transitions: Record<'depth' | 'token', { counts: number[][]; p: (number[] | null)[]; self: (number | null)[] }>;
  };
  digest: string;
}

function checkResult(raw: Record<string, unknown>): void {
  const result = raw as unknown as Shape;
  const { layers } = result.model;
  const last = result.tokens.length - 1;
  expect(result.schema).toBe('logitscope.result/1');
  expect(Object.keys(result.points)).toEqual(POINT_KEYS);
  for (const [name, grid] of Object.entries(result.points)) {
    expect(grid, name).toHaveLength(layers + 1);
    for (const row of grid) expect(row, name).toHaveLength(result.tokens.length);
  }
  // Absent is null: never 0, never a missing cell.
  expect(result.points.step?.[0]?.every((value) => value === null)).toBe(true);
  expect(result.points.turn?.[1]?.every((value) => value === null)).toBe(true);
  expect(result.points.state?.[0]?.every((value) => value === null)).toBe(true);
  for (const name of ['target_p', 'target_rank', 'surprisal'])
    expect(result.points[name]?.every((row) => row[last] === null && row[0] !== null)).toBe(true);
  checkSummary(result);
}

function checkSummary({ summary, model: { layers }, tokens }: Shape): void {
  expect(summary.gd_ratio).toBeCloseTo(summary.mean_g / summary.mean_d, 12);
  for (const column of [summary.gd_ratio_by_layer, summary.entropy_by_layer, summary.p1_by_layer])
    expect(column).toHaveLength(layers + 1);
  const shares = Object.values(summary.states);
  expect(Object.keys(summary.states).join('')).toBe('ABCDE');
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(summary.commit.by_position).toHaveLength(tokens.length);
  const sum = (counts: number[][]) => counts.flat().reduce((total, count) => total + count, 0);
  expect(sum(summary.transitions.depth.counts)).toBe((layers - 1) * tokens.length);
  expect(sum(summary.transitions.token.counts)).toBe(layers * (tokens.length - 1));
  for (const { counts, p } of Object.values(summary.transitions)) {
    counts.forEach((row, from) => {
      expect(p[from] === null).toBe(row.every((count) => count === 0));
    });
  }
}

describe('other output', () => {
  it('prints a table by default', async () => {
    const ran = await run('analyze', ...models, '--text', 'In the beginning');
    expect(ran.code).toBe(0);
    for (const part of ['gd_ratio', 'mean G', 'A %', 'commit layer', 'entropy by layer, nats', 'top-1', 'digest'])
      expect(ran.stdout).toContain(part);
  });

  it('writes one CSV line per point, under one heading', async () => {
    const ran = await run('analyze', ...models, '--text', 'In the beginning', '--csv', '-');
    const lines = ran.stdout.trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^model,layer,position,token_id,token,top_id,top_token,state,entropy,/);
    expect(lines.filter((line) => line.startsWith('model,'))).toHaveLength(1);
    expect((lines.length - 1) % (7 * models.length)).toBe(0);
  });

  it('reads the text from a file, and writes JSON to one', async () => {
    const out = join(scratch, 'out.json');
    const ran = await run('analyze', model, '--file', scratchFile('text.txt', 'In the beginning'), '--json', out);
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    const direct = await run('analyze', model, '--text', 'In the beginning', '--json', '-');
    expect(readFileSync(out, 'utf8')).toBe(direct.stdout);
  });

  it('tokenizes and describes', async () => {
    const tokens = await run('tokenize', model, '--text', 'In the beginning\n');
    expect(tokens.stdout).toMatch(/^0\t\d+\tIn\n/);
    expect(tokens.stdout).toMatch(/\\x0a\n$/);
    const info = await run('info', model);
    expect(info.stdout).toMatch(/in memory +[1-9]\d+ bytes, and for a text of N tokens [1-9]\d+ \+ [1-9]\d+ N\n/);
  });

  it.each(['info', 'tokenize', 'analyze'])('%s --help', async (command) => {
    const ran = await run(command, '--help');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(`usage: logitscope ${command}`);
  });
});

describe('bad input: exit code 1 and one sentence', () => {
  const sentence = async (words: string[], parts: string[]) => {
    const ran = await run(...words);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
    for (const part of parts) expect(ran.stderr).toContain(part);
  };
  const T = ['--text', 'a'];

  it('a missing file', () => sentence(['analyze', 'no-such.gguf', ...T], ['no-such.gguf', 'No such file']));
  it('a directory', () => sentence(['analyze', 'models', ...T], ['models', 'directory']));
  it('an empty file', () => sentence(['analyze', scratchFile('empty.gguf', ''), ...T], ['empty']));
  it('a text file', () => sentence(['analyze', scratchFile('notes.gguf', 'Dear diary,\n'), ...T], ['notes.gguf', 'text']));
  it('a truncated model', () =>
    sentence(['analyze', scratchFile('cut.gguf', whole.subarray(0, whole.length - 1)), ...T], ['cut.gguf', 'end']));
  it('an unknown architecture', () => {
    const renamed = Buffer.from(whole);
    const at = renamed.indexOf('gpt');
    expect(at).toBeGreaterThan(0);
    renamed.write('xyz', at);
    return sentence(['analyze', scratchFile('family.gguf', renamed), ...T], ['architecture', 'xyz', 'gpt2, gptneox']);
  });
  it('an empty text', () => sentence(['analyze', model, '--text', ''], ['text is empty']));
  it('a text longer than the context', () =>
    sentence(['analyze', model, '--text', 'and '.repeat(300)], ['tokens', 'at most 256', 'cut']));
  it('a missing text file', () => sentence(['analyze', model, '--file', 'no-such.txt'], ['no-such.txt']));
  it('a text that is no UTF-8', () =>
    sentence(['analyze', model, '--file', scratchFile('latin1.txt', Buffer.from([0x61, 0xe9, 0x62]))], ['UTF-8']));

  it('a word that is no UTF-8', async () => {
    const latin1 = `"$0" analyze "$1" --text "$(printf 'caf\\351 noir')"`;
    const ran = await runProgram('sh', '-c', latin1, COMMAND, model);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^logitscope: .*UTF-8.*offset 3.*\n$/);
  });

  it('keeps the results of the models that are sound', async () => {
    const ran = await run('analyze', 'no-such.gguf', model, '--text', 'a', '--json', '-');
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toHaveLength(1);
  });

  it('cuts a long text when asked to, and says so', async () => {
    const ran = await run('analyze', model, '--text', 'and '.repeat(300), '--cut', '--json', '-');
    const [result] = JSON.parse(ran.stdout) as { tokens: unknown[]; settings: { cut_from: number } }[];
    expect(result?.tokens).toHaveLength(256);
    expect(result?.settings.cut_from).toBeGreaterThan(256);
  });
});

describe('wrong use: exit code 2 and one sentence', () => {
  it.each([
    [[], 'usage'],
    [['fly'], 'fly'],
    [['analyze'], 'model'],
    [['analyze', model], '--text'],
    [['analyze', model, '--text'], '--text'],
    [['analyze', model, '--text', 'a', '--file', 'b'], 'both'],
    [['analyze', model, '--text', 'a', '--lens', 'hazy'], 'hazy'],
    [['analyze', model, '--text', 'a', '--operator', 'sum'], 'sum'],
    [['analyze', model, '--text', 'a', '--threads', '0'], 'threads'],
    [['analyze', model, '--text', 'a', '--kernel', 'abacus'], 'abacus'],
    [['analyze', model, '--text', 'a', '--from-layer', '99'], 'from_layer'],
    [['analyze', model, '--text', 'a', '--wings'], '--wings'],
  ])('%j', async (words, part) => {
    const ran = await run(...words);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(part);
  });
});
