/** A model that comes with the page, and what its catalogue says of it. */
import { readFileSync } from 'node:fs';

const models = new URL('../../../../models/', import.meta.url);
const { models: facts } = JSON.parse(readFileSync(new URL('catalogue.json', models), 'utf8')) as {
  models: { file: string; sha256: string }[];
};

export const FILE = new Uint8Array(readFileSync(new URL('bible-gpt.gguf', models)));
export const SHA256 = facts.find(({ file }) => file === 'bible-gpt.gguf')?.sha256;
