/** A GGUF in two, as llama.cpp's gguf-split writes it: the first shard has all of the metadata. */
import { readFileSync } from 'node:fs';
import { memorySource } from '@web/import/bytes.ts';
import { readGgufHeader } from '@web/import/gguf-reader.ts';
import { encodeHeader } from '@web/import/gguf-writer.ts';

export interface Shard {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A metadata entry of GGUF's type u16 (2) or i32 (5). */
export function numberEntry(key: string, type: 2 | 5, value: number): Uint8Array {
  const bytes = Buffer.alloc(8 + key.length + 4 + (type === 2 ? 2 : 4));
  bytes.writeBigUInt64LE(BigInt(key.length));
  bytes.write(key, 8);
  bytes.writeUInt32LE(type, 8 + key.length);
  if (type === 2) bytes.writeUInt16LE(value, 12 + key.length);
  else bytes.writeInt32LE(value, 12 + key.length);
  return bytes;
}

export async function inTwo(file: string): Promise<Shard[]> {
  const whole = new Uint8Array(readFileSync(file));
  const header = await readGgufHeader(memorySource(file, whole));
  const all = header.tensors;
  const middle = Math.ceil(all.length / 2);
  return [0, 1].map((index) => {
    const own = index === 0 ? all.slice(0, middle) : all.slice(middle);
    const begin = own[0]?.offset ?? 0;
    const end = index === 0 ? (all[middle]?.offset ?? 0) : whole.length - header.bytes.length;
    const keys = [
      ...(index === 0 ? [...header.keys.values()].map(({ bytes }) => bytes) : []),
      numberEntry('split.no', 2, index),
      numberEntry('split.count', 2, 2),
      numberEntry('split.tensors.count', 5, all.length),
    ];
    const table = own.map((tensor) => ({ ...tensor, offset: tensor.offset - begin }));
    const head = encodeHeader({ count: keys.length, bytes: Buffer.concat(keys) }, table, 32);
    const data = whole.subarray(header.bytes.length + begin, header.bytes.length + end);
    const name = `model-0000${index + 1}-of-00002.gguf`;
    return { name, mimeType: '', buffer: Buffer.concat([head, data]) };
  });
}
