/** npm run import -- SOURCE -o OUT.gguf: a model in any form that is read, from disk or the Hub, to one GGUF file. */
import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Access } from '../src/download/access.ts';
import { Hashes } from '../src/download/hashes.ts';
import { locate, type Located } from '../src/download/locate.ts';
import { ImportError } from '../src/import/errors.ts';
import { FILE_TYPES } from '../src/import/folder.ts';
import { planImport } from '../src/import/import.ts';
import type { StoredType } from '../src/import/quantise.ts';
import { readReference } from '../src/state/reference.ts';
import { folderSources, writeFileAtomically } from './node-files.ts';

const HELP = `Converts a model to one GGUF file.

usage: npm run import -- SOURCE -o OUT.gguf [--type q8_0|f16|f32] [--name NAME]

  SOURCE        a folder, a model of the Hub (owner/name, owner/name@revision, owner/name:file.gguf), or the address
                of a .gguf or .safetensors file. A folder or a model holds config.json, the weights (model.safetensors,
                or pytorch_model.bin, each in one file or in shards with their index), tokenizer.json or vocab.json and
                merges.txt, perhaps tokenizer_config.json; or a .gguf, whose shards become one file and keep their types
  -o, --out     the file to write; it appears when it is complete
  -t, --type    how matrices are stored: q8_0 (the default), f16 or f32
  -n, --name    the model's name in the file; the folder's or the model's if absent
  -h, --help    this text

HF_ENDPOINT names another Hub than https://huggingface.co, HF_TOKEN an access token for gated models, which is sent to the
Hub alone. What comes from the Hub is checked against the SHA-256 that it names.

Exit status: 0 done, 1 the model cannot be converted, 2 wrong use, 130 interrupted.`;

class UsageError extends Error {}

interface Options {
  readonly source: string;
  readonly out: string;
  readonly type: StoredType;
  readonly name: string | undefined;
}

/** null when help is asked for. */
function readOptions(args: string[]): Options | null {
  const { values, positionals } = parseCommandLine(args);
  if (values.help) return null;
  const [source, ...rest] = positionals;
  if (source === undefined || rest.length > 0)
    throw new UsageError('name one model folder, or model of the Hub');
  if (!values.out) throw new UsageError('name the file to write with -o');
  const type = Object.keys(FILE_TYPES).find((known): known is StoredType => known === values.type);
  if (!type)
    throw new UsageError(`--type is ${values.type}; it must be one of ${Object.keys(FILE_TYPES).join(', ')}`);
  return { source, out: fromCaller(values.out), type, name: values.name };
}

/** npm changes the folder before it starts this program. */
function fromCaller(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

function parseCommandLine(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        out: { type: 'string', short: 'o' },
        type: { type: 'string', short: 't', default: 'q8_0' },
        name: { type: 'string', short: 'n' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** One line that rewrites itself, on a terminal only. */
function showProgress(done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  const percent = Math.floor((done / total) * 100);
  const end = done === total ? '\n' : '';
  process.stderr.write(`\r${percent} % of ${Math.ceil(total / 1e6)} MB${end}`);
}

/** Refuses a target that cannot become a file, before any work is done. */
async function checkTarget(out: string): Promise<void> {
  const parent = await stat(dirname(out)).catch(() => null);
  const present = await stat(out).catch(() => null);
  if (!parent?.isDirectory()) {
    throw new ImportError(
      'bad-argument',
      { file: basename(out) },
      `there is no folder ${dirname(out)} to write it to.`,
    );
  }
  if (present && !present.isFile()) {
    throw new ImportError(
      'bad-argument',
      { file: basename(out) },
      'something that is not a file has this name.',
    );
  }
}

/** A folder that is there, or what the Hub or another server has. */
async function findSource(
  source: string,
  signal: AbortSignal,
): Promise<Pick<Located, 'files' | 'from' | 'name'>> {
  const path = fromCaller(source);
  const facts = await stat(path).catch(() => null);
  if (facts?.isDirectory())
    return { files: await folderSources(path), from: basename(path), name: basename(path) };
  if (facts) throw new ImportError('missing', { file: path }, 'this is a file, not a model folder.');
  const endpoint = process.env.HF_ENDPOINT ?? 'https://huggingface.co';
  const reading = readReference(source, endpoint);
  if (isAbsolute(source) || source.startsWith('.') || reading.kind === 'refused')
    throw new ImportError(
      'missing',
      { file: path },
      'there is no such folder, and this names no model of the Hub.',
    );
  const access = new Access(endpoint);
  access.token = process.env.HF_TOKEN ?? null;
  access.signal = signal;
  return locate(access, reading.reference);
}

async function convert({ source, out, type, name }: Options, signal: AbortSignal): Promise<void> {
  await checkTarget(out);
  const located = await findSource(source, signal);
  const onStage = (line: string): void => {
    console.log(line);
  };
  const began = performance.now();
  const { files, from } = located;
  const plan = await planImport({ files, from, type, name: name ?? located.name, onStage, signal });
  const hashes = await Hashes.create(plan.parts, null);
  const total = plan.parts.reduce((sum, part) => sum + part.size, 0);
  let done = 0;
  const onRead = (part: number, bytes: Uint8Array): void => {
    hashes.add(part, bytes);
    done += bytes.length;
    showProgress(done, total);
  };
  const notes = await writeFileAtomically(out, (target) => plan.run(target, { signal, onRead }));
  for (const note of [...plan.notes, ...notes]) console.log(`note: ${note}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${basename(out)}: ${plan.tensors} tensors, ${plan.size} bytes, ${seconds} s`);
}

async function main(): Promise<number> {
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort(new Error('interrupted'));
  });
  try {
    const options = readOptions(process.argv.slice(2));
    if (options) await convert(options, interrupted.signal);
    else console.log(HELP);
    return 0;
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    console.error(`import: ${sentence}`);
    if (error instanceof UsageError) console.error('Try --help.');
    return error instanceof UsageError ? 2 : interrupted.signal.aborted ? 130 : 1;
  }
}

process.exitCode = await main();
