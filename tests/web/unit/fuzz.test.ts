/**
 * Damaged input through every parser of the page. Each must end soon, with a result or with a refusal of its own kind
 * that says something; RangeError, TypeError and an empty sentence are failures, as is memory far beyond the input.
 * A failure names the round, which FUZZ_ROUND=n repeats alone. FUZZ_SECONDS=s shares that time among the parsers.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Access } from '@web/download/access.ts';
import { lookUp } from '@web/download/hub.ts';
import { EngineError } from '@web/engine/protocol.ts';
import { findArchitecture } from '@web/import/arch/index.ts';
import { memorySource, type ByteSource } from '@web/import/bytes.ts';
import { Fields } from '@web/import/config.ts';
import { ImportError } from '@web/import/errors.ts';
import { readSafetensors } from '@web/import/safetensors.ts';
import { readSharded } from '@web/import/shards.ts';
import { loadVocabulary } from '@web/import/tokenizer-files.ts';
import { readTorch } from '@web/import/torch.ts';
import { readFragment, writeFragment } from '@web/state/fragment.ts';
import { readReference } from '@web/state/reference.ts';
import { DEFAULTS } from '@web/state/settings.ts';
import {
  convert,
  jsonBytes,
  MemoryTarget,
  numbered,
  packTensors,
  planTiny,
  tinyFiles,
  TINY_SHAPES,
  type JsonValue,
} from './import-helpers.ts';
import { dictOf, tensor, torchFile } from './import-torch-helpers.ts';
import { mutate, mutateJson, randomFrom, type Random } from './support/mutate.ts';

const PARSERS = 10;
const ROUNDS = 1500;
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 0) / PARSERS;
const ONLY = process.env.FUZZ_ROUND;
/** No input here has a megabyte; a round that takes so long hangs. */
const HANGS_MS = 10_000;
/** Resident memory of the whole process. A count that is believed asks for gigabytes. */
const MEMORY_KB = 2 << 20;

const FIXTURES = fileURLToPath(new URL('../../golden/fixtures/', import.meta.url));
const FAMILIES = readdirSync(FIXTURES).filter((name) => readdirSync(FIXTURES).includes(`${name}.tokens`));
const fixture = (path: string): Uint8Array => new Uint8Array(readFileSync(join(FIXTURES, path)));
const json = (path: string): unknown => JSON.parse(Buffer.from(fixture(path)).toString());
const only = (random: Random, items: readonly Uint8Array[]): Uint8Array =>
  items[random(items.length)] ?? new Uint8Array();

const WORDS = {
  json: [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\u0000',
    '\\ud800',
    '1e999',
    'NaN',
    '-1',
    '4294967296',
    '"__proto__"',
  ],
  tensors: [
    '"dtype"',
    '"shape"',
    '"data_offsets"',
    '"F32"',
    '"BF16"',
    '__metadata__',
    '[0,4]',
    '9007199254740993',
  ],
  pickle: [
    '}',
    '(',
    't',
    'R',
    'u',
    's',
    '.',
    'Q',
    'q\x00',
    'h\x00',
    'X\xff\xff\xff\xff',
    'K\xff',
    '\x8a\x08',
    'ccollections\nOrderedDict\n',
  ],
  zip: ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', 'PK\x06\x06', 'PK\x06\x07', 'data.pkl', '\xff\xff\xff\xff'],
  gguf: [
    'GGUF',
    '\x08\0\0\0',
    '\x09\0\0\0',
    'split.count',
    'general.alignment',
    '\xff\xff\xff\xff\xff\xff\xff\xff',
  ],
};

/** Runs rounds of a property; what it throws must be a refusal of that kind. */
async function fuzz(
  kind: new (...anything: never[]) => Error,
  property: (random: Random) => unknown,
): Promise<void> {
  const end = Date.now() + SECONDS * 1000;
  const first = ONLY === undefined ? 0 : Number(ONLY);
  let refused = 0;
  let round = first;
  for (; round < first + (ONLY === undefined ? ROUNDS : 1) || Date.now() < end; round++) {
    const start = Date.now();
    try {
      await property(randomFrom(round));
    } catch (error) {
      if (!(error instanceof kind) || !/^[^\n]{10,}$/.test(error.message))
        throw new Error(`round ${round}: ${String(error)}`, { cause: error });
      refused++;
    }
    if (Date.now() - start > HANGS_MS) throw new Error(`round ${round} took ${Date.now() - start} ms`);
  }
  expect(process.resourceUsage().maxRSS).toBeLessThan(MEMORY_KB);
  console.log(`${round - first} rounds of ${expect.getState().currentTestName ?? ''}, ${refused} refused`);
  if (ONLY === undefined) expect(refused).toBeGreaterThan(round / 20);
}

/** Damages one of the files; in JSON by bytes or by values. */
function damageOne(
  random: Random,
  files: readonly ByteSource[],
  contents: readonly Uint8Array[],
  words: readonly string[],
): ByteSource[] {
  const victim = random(files.length);
  return files.map(({ name }, i) => {
    const bytes = contents[i] ?? new Uint8Array();
    return memorySource(name, i === victim ? damage(random, name, bytes, words) : bytes);
  });
}

function damage(random: Random, name: string, bytes: Uint8Array, words: readonly string[]): Uint8Array {
  if (!name.endsWith('.json') || random(3) === 0) return mutate(random, bytes, words);
  return jsonBytes(mutateJson(random, JSON.parse(Buffer.from(bytes).toString())) as JsonValue);
}

const contentsOf = (files: readonly ByteSource[]): Promise<Uint8Array[]> =>
  Promise.all(files.map((file) => file.read(0, file.size)));

/** Plans a folder and runs it; nothing may be larger than the files account for. */
async function importAll(files: readonly ByteSource[]): Promise<void> {
  const given = files.reduce((sum, { size }) => sum + size, 0);
  const plan = await planTiny(files);
  expect(plan.size).toBeLessThan(8 * given + (1 << 20));
  await plan.run(new MemoryTarget(new Uint8Array(plan.size)));
}

describe('damaged input', { timeout: 30_000 + 2000 * SECONDS }, () => {
  it('config.json', async () => {
    const seeds = FAMILIES.map((family) => json(`${family}/config.json`));
    await fuzz(ImportError, (random) => {
      const bytes = jsonBytes(mutateJson(random, seeds[random(seeds.length)]) as JsonValue);
      const config = Fields.parse(random(3) === 0 ? mutate(random, bytes, WORDS.json) : bytes, 'config.json');
      findArchitecture(config).plan(config);
    });
  });

  it('tokenizer.json', async () => {
    const folders = FAMILIES.map((family) =>
      ['config.json', 'tokenizer.json', 'tokenizer_config.json'].map((name) =>
        memorySource(name, fixture(`${family}/${name}`)),
      ),
    );
    const contents = await Promise.all(folders.map(contentsOf));
    await fuzz(ImportError, async (random) => {
      const which = random(folders.length);
      const files = damageOne(random, folders[which] ?? [], contents[which] ?? [], WORDS.json);
      const config = Fields.parse(
        (await files[0]?.read(0, files[0].size)) ?? new Uint8Array(),
        'config.json',
      );
      await loadVocabulary({ files, from: 'fuzz', type: 'f32', name: 'fuzz' }, config, 384);
    });
  });

  it('safetensors', async () => {
    const files = await contentsOf(tinyFiles().filter(({ name }) => name === 'model.safetensors'));
    await fuzz(ImportError, (random) =>
      readSafetensors(
        memorySource(
          'model.safetensors',
          mutate(random, only(random, files), [...WORDS.json, ...WORDS.tensors]),
        ),
      ),
    );
  });

  it('an index of shards', async () => {
    const shards = [1, 2].map((part) => `model-0000${part}-of-00002.safetensors`);
    const tensors = [...numbered(TINY_SHAPES)];
    const map = tensors.map(([name], i) => [name, shards[i % 2] ?? ''] as const);
    const seeds = [
      memorySource('model.safetensors.index.json', jsonBytes({ weight_map: Object.fromEntries(map) })),
      ...shards.map((shard, part) =>
        memorySource(shard, packTensors(new Map(tensors.filter((_, i) => i % 2 === part)))),
      ),
    ];
    const contents = await contentsOf(seeds);
    await fuzz(ImportError, async (random) => {
      const files = damageOne(random, seeds, contents, [...WORDS.json, '../', 'https://']);
      const [index = memorySource('none', new Uint8Array())] = files;
      await readSharded(index, files, readSafetensors);
    });
  });

  it('PyTorch files', async () => {
    const seeds = ['expanded', 'kinds', 'module', 'nested', 'turned', 'older'].map((name) =>
      fixture(`torch/${name}.bin`),
    );
    const program = dictOf(tensor());
    await fuzz(ImportError, (random) => {
      const file =
        random(2) === 0
          ? mutate(random, only(random, seeds), WORDS.zip)
          : torchFile(mutate(random, program, WORDS.pickle));
      return readTorch(memorySource('pytorch_model.bin', file));
    });
  });

  it('GGUF', async () => {
    const { bytes } = await convert(tinyFiles());
    await fuzz(ImportError, (random) =>
      importAll([
        memorySource(random(2) === 0 ? 'a.gguf' : 'a-00001-of-00001.gguf', mutate(random, bytes, WORDS.gguf)),
      ]),
    );
  });

  it('a whole folder', async () => {
    const seeds = tinyFiles({ settings: { bos_token: '<|end|>', add_bos_token: true } });
    const contents = await contentsOf(seeds);
    await fuzz(ImportError, (random) =>
      importAll(damageOne(random, seeds, contents, [...WORDS.json, ...WORDS.tensors])),
    );
  });

  it('the fragment of a link', async () => {
    const known = ['bible-gpt', 'bible-neox'];
    const written = writeFragment({
      models: known,
      text: 'Grüße, & so',
      settings: { ...DEFAULTS, lens: 'raw', window: 64 },
    });
    const words = [
      'v=1',
      '&',
      '=',
      '%',
      '%ff',
      '%00',
      '__proto__',
      't=',
      'm=',
      'window=',
      '99999999999',
      '<script>',
      '#',
    ];
    await fuzz(Refused, (random) => {
      const text = new TextDecoder().decode(
        mutate(random, new TextEncoder().encode(`#${written ?? ''}`), words),
      );
      refuseIf(readFragment(text, (name) => known.includes(name)));
    });
  });

  it('references to models', async () => {
    const seeds = [
      'owner/name@main:file.gguf~q8_0',
      'https://huggingface.co/owner/name/blob/main/a.gguf',
      'http://localhost:1/a.gguf',
    ];
    const words = ['/', '@', ':', '~', '..', '%2e', 'https://', '?', '#', '<b>', '\u00e9'];
    await fuzz(Refused, (random) => {
      const seed = new TextEncoder().encode(seeds[random(seeds.length)]);
      refuseIf(
        readReference(new TextDecoder().decode(mutate(random, seed, words)), 'https://huggingface.co'),
      );
    });
  });

  it('answers of the Hub', async () => {
    const seed = {
      sha: '0'.repeat(40),
      cardData: { license: 'mit' },
      siblings: [
        { rfilename: 'config.json', size: 700 },
        { rfilename: 'a/b-00001-of-00002.gguf', size: 5, lfs: { sha256: '1'.repeat(64) } },
        { rfilename: 'model.gguf', size: 5, lfs: { sha256: '1'.repeat(64) } },
      ],
    };
    await fuzz(EngineError, async (random) => {
      const access = new Access('https://hub.test');
      access.request = () => Promise.resolve(Response.json(mutateJson(random, seed)));
      const file = random(2) === 0 ? 'model.gguf' : null;
      await lookUp(access, { kind: 'hub', id: 'owner/name', revision: null, file });
    });
  });
});

/** Readers that answer instead of throwing. */
class Refused extends Error {}

function refuseIf(reading: { kind: string; reason?: string }): void {
  if (reading.kind === 'refused') throw new Refused(reading.reason);
}
