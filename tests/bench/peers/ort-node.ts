/**
 * node ort-node.ts LENS.onnx ROWS.f32 WIDTH CHUNK THREADS: the lens in onnxruntime-node. Each line on standard
 * input is one pass; each answer a line of JSON: seconds, entropy of every row, peak memory in bytes.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { readRows, type Runtime } from './lens.ts';

const [model = '', path = '', width = '', chunk = '', threads = ''] = process.argv.slice(2);
const PACKAGE = 'onnxruntime-node' as string; // not a literal: the types are looked for only where it is installed
const runtime = ((await import(PACKAGE)) as { default: Runtime }).default;
const bytes = readFileSync(path);
const rows = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const session = await runtime.InferenceSession.create(model, { intraOpNumThreads: Number(threads) });
const shape = { width: Number(width), chunk: Number(chunk) };

for await (const line of createInterface(process.stdin)) {
  if (line === '') break;
  const result = await readRows(runtime, session, rows, shape);
  console.log(JSON.stringify({ ...result, rss: process.resourceUsage().maxRSS * 1024 }));
}
