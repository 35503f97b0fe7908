/**
 * npx tsx tests/bench/make_shape.ts gpt2 -o OUT.gguf --seed 1: a model of a published one's true shape with random
 * weights, for measuring time and memory. The same bytes on every machine.
 */
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findArchitecture } from '../../web/src/import/arch/index.ts';
import { Fields } from '../../web/src/import/config.ts';
import type { ByteTarget } from '../../web/src/import/bytes.ts';
import { describe, FILE_TYPES, ggufTensors, storedType } from '../../web/src/import/folder.ts';
import { layoutGguf, pad } from '../../web/src/import/gguf-writer.ts';
import type { TensorPlan } from '../../web/src/import/plan.ts';
import { encode, storedBytes, type StoredType } from '../../web/src/import/quantise.ts';
import { tokenizerMetadata } from '../../web/src/import/tokenizer.ts';
import { writeFileAtomically } from '../../web/tools/node-files.ts';
import { SHAPES, type ModelShape } from './shapes.ts';
import { makeVocabulary } from './vocabulary.ts';
import { fillRandom, streamKey } from './weights.ts';

const HELP = `Writes a GGUF of a published model's shape with random weights.

usage: npx tsx tests/bench/make_shape.ts SHAPE -o OUT.gguf [--seed N] [--type q8_0|f16|f32]

  SHAPE is one of: ${[...SHAPES.keys()].join(', ')}

Exit status: 0 done, 1 the file cannot be written, 2 wrong use.`;

const DEVIATION = 0.02;
/** Of the final norm: spreads the logits as a trained model's are (entropy near 5 nats, where 1 would leave it at ln V). */
const FINAL_NORM = 6;
const GROUP_VALUES = 1 << 20;

class UsageError extends Error {}

function meanOf(name: string): number {
  if (name === 'output_norm.weight') return FINAL_NORM;
  return name.endsWith('_norm.weight') ? 1 : 0;
}

/** Writes a tensor of random rows to `offset`: norm weights around 1, everything else around 0. */
async function writeRandom(target: ByteTarget, offset: number, plan: TensorPlan, asked: StoredType, key: number) {
  const type = storedType(plan, asked);
  const mean = meanOf(plan.name);
  const perGroup = Math.max(1, Math.floor(GROUP_VALUES / plan.columns));
  for (let row = 0; row < plan.rows; row += perGroup) {
    const values = new Float32Array(Math.min(perGroup, plan.rows - row) * plan.columns);
    fillRandom(values, key, row * plan.columns, mean, DEVIATION);
    await target.write(offset + storedBytes(type, row * plan.columns), encode(type, values));
  }
  await pad(target, offset + storedBytes(type, plan.rows * plan.columns));
}

async function makeShape(name: string, shape: ModelShape, out: string, seed: number, type: StoredType) {
  const config = Fields.parse(new TextEncoder().encode(JSON.stringify(shape.config)), `${name} config`);
  const architecture = findArchitecture(config);
  const plan = architecture.plan(config);
  const metadata = [
    ...describe(architecture.name, `${name} with random weights`, type, plan),
    ...tokenizerMetadata(makeVocabulary(shape.vocabulary)),
  ];
  const layout = layoutGguf(metadata, ggufTensors(plan, type));
  await writeFileAtomically(out, async (target) => {
    await target.write(0, layout.header);
    for (const [index, tensor] of plan.tensors.entries()) {
      await writeRandom(target, layout.offsets[index] ?? 0, tensor, type, streamKey(seed, index));
    }
  });
  return layout.size;
}

function readOptions(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string', short: 'o' },
      seed: { type: 'string', default: '1' },
      type: { type: 'string', short: 't', default: 'q8_0' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const [name = '', ...rest] = positionals;
  const shape = SHAPES.get(name);
  if (!shape || rest.length > 0) throw new UsageError(`name one shape of: ${[...SHAPES.keys()].join(', ')}`);
  if (!values.out) throw new UsageError('name the file to write with -o');
  if (!/^\d{1,9}$/.test(values.seed)) throw new UsageError(`--seed is ${values.seed}; it must be a whole number`);
  const type = Object.keys(FILE_TYPES).find((known): known is StoredType => known === values.type);
  if (!type) throw new UsageError(`--type is ${values.type}; it must be one of ${Object.keys(FILE_TYPES).join(', ')}`);
  return { name, shape, out: resolve(process.env.INIT_CWD ?? '', values.out), seed: Number(values.seed), type };
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options) {
      console.log(HELP);
      return 0;
    }
    const began = performance.now();
    const bytes = await makeShape(options.name, options.shape, options.out, options.seed, options.type);
    console.log(`${basename(options.out)}: ${bytes} bytes, ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return 0;
  } catch (error) {
    console.error(`make_shape: ${error instanceof Error ? error.message : String(error)}`);
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
    return isUsage ? 2 : 1;
  }
}

process.exitCode = await main();
