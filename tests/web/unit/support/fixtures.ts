/** The small checkpoints of every family that tests/golden keeps. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { memorySource, type ByteSource } from '@web/import/bytes.ts';

export const FAMILIES = [
  'gpt2',
  'gptneox',
  'gptneox-sequential',
  'opt',
  'llama',
  'llama3',
  'mistral',
  'qwen2',
  'phi',
];

export function fixture(path: string): string {
  return fileURLToPath(new URL(`../../../golden/fixtures/${path}`, import.meta.url));
}

/** A file of the fixtures, by the name that it has in its folder or another one. */
export function fixtureFile(path: string, name: string): ByteSource {
  return memorySource(name, new Uint8Array(readFileSync(fixture(path))));
}

/** All files of a checkpoint. */
export function fixtureFolder(folder: string): ByteSource[] {
  return readdirSync(fixture(folder)).map((name) => fixtureFile(`${folder}/${name}`, name));
}
