/** One file over HTTP as a CDN does it: ETag, Range, If-Range, and every way in which that can go wrong. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Misbehaviour } from './misbehaviour.ts';

const PIECE = 64 * 1024;

interface Range {
  readonly from: number;
  /** Behind the last byte. */
  readonly to: number;
}

/** null where the request names no range, or one of another version of the file. */
function wantedRange(request: IncomingMessage, size: number, etag: string): Range | null {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (match === null) return null;
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return null;
  const to = match[2] === '' ? size : Math.min(size, Number(match[2]) + 1);
  return { from: Number(match[1]), to };
}

/** The file as it is now: perhaps another one, perhaps damaged. */
function currentBytes(original: Buffer, { changed, corruptAt }: Misbehaviour): Buffer {
  if (changed !== true && corruptAt === undefined) return original;
  const bytes = Buffer.from(original);
  const at = corruptAt ?? bytes.length - 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

export async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  original: Buffer,
  plainTag: string,
  what: Misbehaviour,
): Promise<void> {
  const bytes = currentBytes(original, what);
  const etag = what.changed === true ? `"${plainTag}-changed"` : `"${plainTag}"`;
  const deaf = what.ignoreRange === true || what.noRange === true;
  const range = deaf ? null : wantedRange(request, bytes.length, etag);
  response.setHeader('etag', etag);
  if (what.noRange !== true) response.setHeader('accept-ranges', 'bytes');
  if (range !== null && range.from >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const { from, to } = range ?? { from: 0, to: bytes.length };
  if (range !== null) {
    const said = what.wrongRange === true ? from + 1 : from;
    response.setHeader('content-range', `bytes ${said}-${to - 1}/${bytes.length}`);
  }
  response.writeHead(range === null ? 200 : 206, { 'content-length': to - from });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const end = Math.min(to, what.cutAt ?? to, from + (what.cutAfter ?? bytes.length));
  response.flushHeaders();
  await send(response, bytes.subarray(from, Math.max(from, end)), what.throttle);
  // What was written still goes out, then the connection ends in the middle of the body.
  if (end < to) request.socket.destroySoon();
  else response.end();
}

async function send(response: ServerResponse, bytes: Buffer, throttle: number | undefined): Promise<void> {
  const piece = throttle === undefined ? PIECE : Math.min(PIECE, Math.max(1024, throttle / 20));
  for (let at = 0; at < bytes.length && !response.destroyed; at += piece) {
    const chunk = bytes.subarray(at, at + piece);
    if (!response.write(chunk)) await drained(response);
    if (throttle !== undefined) await wait((chunk.length / throttle) * 1000);
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
