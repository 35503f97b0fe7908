/**
 * Serves the built page and what the peers in Chromium need, on a free port of this machine: isolated (the headers that
 * give a page shared memory, so threads) or not.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { relative, resolve } from 'node:path';
import sirv from 'sirv';

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** The first part of an address, and the folder behind it. */
const FOLDERS: Readonly<Record<string, string>> = {
  npm: 'tests/bench/node_modules',
  bench: 'build/bench',
  real: 'build/real',
  kernels: 'build/wasm/tests/bench',
};

/** Where the server has a file of build/. */
export const addressOf = (path: string): string => `/${relative('build', path)}`;

export interface Server {
  readonly url: string;
  close(): void;
}

const handlers = new Map(
  Object.entries(FOLDERS).map(([name, path]) => [name, sirv(resolve(path), { dev: true })]),
);
const page = sirv(resolve('web/dist'), { dev: true });

/** The peers' modules are TypeScript; browsers want them without types. */
function peerModule(name: string): string | null {
  if (!/^[a-z-]+\.ts$/.test(name)) return null;
  return stripTypeScriptTypes(readFileSync(resolve('tests/bench/peers', name), 'utf8'));
}

export async function serve(options: { isolated: boolean }): Promise<Server> {
  const server = createServer((request, response) => {
    if (options.isolated)
      for (const [name, value] of Object.entries(ISOLATION)) response.setHeader(name, value);
    const missing = (): void => {
      response.writeHead(404).end();
    };
    const [, first = '', ...rest] = (request.url ?? '/').split('/');
    if (first === 'peers') {
      const module = peerModule(rest.join('/'));
      if (module === null) response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
      else response.writeHead(200, { 'content-type': 'text/javascript' }).end(module);
      return;
    }
    const folder = handlers.get(first);
    if (folder === undefined) page(request, response, missing);
    else {
      request.url = `/${rest.join('/')}`;
      folder(request, response, missing);
    }
  });
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  return {
    url: `http://localhost:${String((server.address() as AddressInfo).port)}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
