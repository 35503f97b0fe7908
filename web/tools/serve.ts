/**
 * Serves the built page: `npm run serve`, PORT changes the port (0 takes a free one), DIST the folder. Any static file
 * server will do as well; this one sends the headers that make the page cross-origin isolated, so that it may use
 * threads, unless PLAIN is set.
 */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';

const serve = sirv(process.env.DIST ?? fileURLToPath(new URL('../dist', import.meta.url)), {
  etag: true,
  setHeaders: (response) => {
    if (process.env.PLAIN !== undefined) return;
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
  },
});

const server = createServer((request, response) => {
  serve(request, response, () => {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n');
  });
});
server.on('error', (error) => {
  console.error(`serve: ${error.message}`);
  process.exitCode = 1;
});
server.listen(Number(process.env.PORT ?? 8080), () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  console.log(`Logitscope is at http://localhost:${port}/`);
});
