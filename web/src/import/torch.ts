/**
 * pytorch_model.bin as torch.save writes it since version 1.6: a zip archive with a pickle of the tensors' names and
 * shapes, and their bytes in entries of their own. Some models are published in no other form. The weights are read as
 * they were published; a conversion by somebody else would have to be trusted. Nothing in the file is executed: pickle.ts.
 */
import { readExactly, refuseImpostor, type ByteSource } from './bytes.ts';
import { ImportError, quote, type ImportErrorCode } from './errors.ts';
import {
  Dict,
  Global,
  readPickle,
  type Foreign,
  type Meanings,
  type PickleValue,
  type Tuple,
} from './pickle.ts';
import type { Piece } from './pieces.ts';
import { DTYPE_BYTES, type TensorEntry, type Weights } from './weights.ts';
import { checkLocalHeader, readZip, type ZipEntry } from './zip.ts';

const PICKLE_LIMIT = 16 << 20;
const DIMENSIONS_LIMIT = 8;

const STORAGES: ReadonlyMap<string, string> = new Map([
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
]);

/** Bytes that tensors lie in: the entry data/KEY of the archive. */
class Storage implements Foreign {
  readonly kind = 'storage';
  readonly dtype: string;
  readonly key: string;
  readonly count: number;
  constructor(dtype: string, key: string, count: number) {
    this.dtype = dtype;
    this.key = key;
    this.count = count;
  }
}

/** `shape` values of a storage from value `first` on, one behind the other. */
class Tensor implements Foreign {
  readonly kind = 'tensor';
  readonly storage: Storage;
  readonly first: number;
  readonly shape: readonly number[];
  constructor(storage: Storage, first: number, shape: readonly number[]) {
    this.storage = storage;
    this.first = first;
    this.shape = shape;
  }
}

/** Purpose: read directory and pickle. `part` is the file's number among those that are read. */
export async function readTorch(source: ByteSource, part = 0): Promise<Weights> {
  const { name: file } = source;
  await refuseOtherFormats(source);
  const zip = await readZip(source);
  const pickle = [...zip.values()].filter(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  const [main] = pickle;
  if (main === undefined || pickle.length > 1) {
    throw new ImportError(
      'not-a-model',
      { file, where: 'data.pkl' },
      'this zip archive is not one that torch.save wrote.',
    );
  }
  const folder = main.name.slice(0, -'data.pkl'.length);
  const byteOrder = zip.get(`${folder}byteorder`);
  if (byteOrder) await requireLittleEndian(source, byteOrder);
  const dict = readPickle(await readEntry(source, main), file, main.offset, MEANINGS);
  if (!(dict instanceof Dict)) {
    throw new ImportError(
      'bad-type',
      { file, offset: main.offset },
      'the pickle is not a dictionary of tensors.',
    );
  }
  const tensors = new Map<string, TensorEntry>();
  const used = new Set<ZipEntry>();
  for (const [name, tensor] of dict) {
    if (!(tensor instanceof Tensor)) {
      throw new ImportError(
        'bad-type',
        { file, where: name },
        `${quote(name)} is not a tensor; only tensors are read.`,
      );
    }
    const storage = zip.get(`${folder}data/${tensor.storage.key}`);
    tensors.set(name, tensorEntry(source, name, tensor, storage));
    if (storage) used.add(storage);
  }
  return { file, parts: [source], tensors, checks: [...used].map((entry) => headerCheck(file, part, entry)) };
}

/** Says what the file is instead: a stand-in, or a pickle of the older format. */
async function refuseOtherFormats(source: ByteSource): Promise<void> {
  const { name: file } = source;
  const first = await readExactly(source, 0, Math.min(source.size, 16));
  refuseImpostor(file, first);
  const opening = String.fromCharCode(...first.subarray(0, 4));
  if (opening === 'PK\u0003\u0004') return;
  if (source.size === 0) throw new ImportError('empty', { file, offset: 0 }, 'the file is empty.');
  const sentence = opening.startsWith('\u0080')
    ? 'this is a PyTorch file of the format before version 1.6; load it in Python and save it with save_pretrained, which writes model.safetensors.'
    : 'this is not a PyTorch file, which would be a zip archive.';
  throw new ImportError(
    opening.startsWith('\u0080') ? 'unsupported' : 'not-a-model',
    { file, offset: 0 },
    sentence,
  );
}

/** The bytes of a small entry. */
async function readEntry(source: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  const { name, header, offset, bytes } = entry;
  if (bytes > PICKLE_LIMIT) {
    const place = {
      file: source.name,
      where: name,
      offset,
      value: String(bytes),
      limit: String(PICKLE_LIMIT),
    };
    throw new ImportError(
      'bad-length',
      place,
      `the entry ${quote(name)} has ${bytes} bytes; the limit is ${PICKLE_LIMIT}.`,
    );
  }
  const all = await readExactly(source, header, offset + bytes - header);
  checkLocalHeader(source.name, entry, all.subarray(0, offset - header));
  return all.subarray(offset - header);
}

async function requireLittleEndian(source: ByteSource, entry: ZipEntry): Promise<void> {
  const order = new TextDecoder().decode(await readEntry(source, entry));
  if (order === 'little') return;
  const place = { file: source.name, where: entry.name, offset: entry.offset, value: order, limit: 'little' };
  throw new ImportError(
    'unsupported',
    place,
    `its numbers have the byte order ${quote(order)}; "little" is read.`,
  );
}

function headerCheck(file: string, part: number, entry: ZipEntry): Piece {
  const bytes = entry.offset - entry.header;
  return {
    part,
    offset: entry.header,
    bytes,
    unit: bytes,
    take: (_, header) => {
      checkLocalHeader(file, entry, header);
    },
  };
}

/** Holds a tensor against its storage, and the storage against its entry. */
function tensorEntry(
  source: ByteSource,
  name: string,
  tensor: Tensor,
  entry: ZipEntry | undefined,
): TensorEntry {
  const { storage, first, shape } = tensor;
  const refuse = (code: ImportErrorCode, what: string): never => {
    const place = { file: source.name, where: name, ...(entry && { offset: entry.offset }) };
    throw new ImportError(code, place, `tensor ${quote(name)} ${what}.`);
  };
  if (!entry)
    return refuse('missing', `lies in the entry data/${quote(storage.key)}, which is not in the archive`);
  const width = DTYPE_BYTES.get(storage.dtype) ?? 0;
  if (entry.bytes !== storage.count * width) {
    refuse(
      'bad-length',
      `lies in a storage of ${storage.count * width} bytes, but its entry has ${entry.bytes}`,
    );
  }
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (first + count > storage.count) {
    refuse('bad-shape', `takes values ${first} to ${first + count} of a storage that has ${storage.count}`);
  }
  return {
    name,
    dtype: storage.dtype,
    shape,
    offset: entry.offset + first * width,
    bytes: count * width,
    source,
  };
}

// ---- what the pickle's names mean --------------------------------------------------------------------------

const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2';
const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter';

const MEANINGS: Meanings = {
  knows: (name) => STORAGES.has(name) || name === REBUILD_TENSOR || name === REBUILD_PARAMETER,
  call(name, args, refuse) {
    if (name === REBUILD_TENSOR) return rebuildTensor(args, refuse);
    const [tensor] = args;
    if (name === REBUILD_PARAMETER && tensor instanceof Tensor) return tensor;
    return refuse(`${quote(name)} is called with something else than a tensor`);
  },
  persistent(id, refuse) {
    const [kind, storage, key, , count] = Array.isArray(id) ? (id as Tuple) : [];
    const dtype = storage instanceof Global ? STORAGES.get(storage.name) : undefined;
    if (kind !== 'storage' || dtype === undefined || typeof key !== 'string' || !isCount(count)) {
      return refuse('a persistent id does not name a storage of a known type');
    }
    return new Storage(dtype, key, count);
  },
};

const isCount = (value: PickleValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function counts(value: PickleValue | undefined): number[] | null {
  if (!Array.isArray(value) || value.length > DIMENSIONS_LIMIT) return null;
  const numbers = (value as Tuple).filter(isCount);
  return numbers.length === value.length ? numbers : null;
}

/** (storage, first value, shape, strides, ...): only tensors whose values lie one behind the other. */
function rebuildTensor(args: Tuple, refuse: (what: string) => never): Tensor {
  const [storage, first] = args;
  const [shape, strides] = [counts(args[2]), counts(args[3])];
  if (!(storage instanceof Storage) || !isCount(first) || !shape || strides?.length !== shape.length) {
    return refuse('a tensor is made of something else than storage, offset, shape and strides');
  }
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 0;
    if (length !== 1 && strides[axis] !== expected) {
      refuse(
        `a tensor of shape [${shape.join(', ')}] has the strides [${strides.join(', ')}]; it must lie in one piece, row by row`,
      );
    }
    expected *= length;
  }
  return new Tensor(storage, first, shape);
}
