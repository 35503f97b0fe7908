/** Serves the built page from a sub-path, pointed at the test hub. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';

const META = /(<meta\s+name="logitscope-hub"\s+content=")[^"]*(")/;

export function servePage(dist: string, endpoint: string) {
  const files = sirv(dist, { etag: true });
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/dist/' || pathname === '/dist/index.html') {
      const page = await readFile(join(dist, 'index.html'), 'utf8');
      if (!META.test(page)) throw new Error('the page has no <meta name="logitscope-hub">');
      const html = page.replace(META, `$1${endpoint}$2`);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
      return;
    }
    request.url = request.url?.replace(/^\/dist/, '') ?? '/';
    files(request, response, () => {
      response.writeHead(404).end();
    });
  };
}
