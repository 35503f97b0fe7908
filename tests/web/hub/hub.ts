/**
 * The test hub: a server that mimics the Hub over small models, with a second origin as its CDN and, if wanted, a third
 * that serves the built page pointed at it. Listens on this machine only.
 *
 *     const hub = await TestHub.start();
 *     hub.misbehave('model.safetensors', { cutAt: 100_000 }, 1);
 *     ... `${hub.endpoint}/test/gpt2` ...
 *     await hub.stop();
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Misbehaviours, type Misbehaviour } from './misbehaviour.ts';
import { makeRepositories, sha256, type HubFile, type Repository } from './repositories.ts';
import { serveFile } from './serve-file.ts';
import { servePage } from './serve-page.ts';

/** The token that opens gated repositories. */
export const TOKEN = 'hf_test';

/** A request that came, for tests that look at what was sent where. */
export interface Seen {
  readonly origin: 'hub' | 'cdn';
  readonly method: string;
  readonly path: string;
  readonly range: string | null;
  readonly ifRange: string | null;
  readonly token: string | null;
}

export interface TestHubOptions {
  /** Ports of hub, CDN and page; free ones where absent. */
  readonly ports?: readonly [hub: number, cdn: number, page: number];
  /** The folder of the built page; nothing serves it where absent. */
  readonly dist?: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

const EXPOSED = [
  ...['X-Repo-Commit', 'X-Request-Id', 'X-Error-Code', 'X-Error-Message', 'ETag', 'Accept-Ranges'],
  ...['Content-Range', 'X-Linked-Size', 'X-Linked-ETag'],
].join(',');

export class TestHub {
  readonly repositories: ReadonlyMap<string, Repository>;
  readonly seen: Seen[] = [];
  readonly #rules = new Misbehaviours();
  readonly #servers: Server[] = [];
  endpoint = '';
  cdn = '';
  /** Where the page is, with a slash at the end. */
  page = '';

  private constructor(repositories: ReadonlyMap<string, Repository>) {
    this.repositories = repositories;
  }

  static async start({ ports = [0, 0, 0], dist }: TestHubOptions = {}): Promise<TestHub> {
    const hub = new TestHub(await makeRepositories());
    hub.endpoint = await hub.#listen(ports[0], (request, response) => hub.#answer(request, response));
    hub.cdn = await hub.#listen(ports[1], (request, response) => hub.#deliver(request, response));
    if (dist !== undefined) {
      const page = await hub.#listen(ports[2], servePage(dist, hub.endpoint));
      hub.page = `${page}/dist/`;
    }
    return hub;
  }

  /** Files whose path ends so go wrong, `times` times. */
  misbehave(path: string, what: Misbehaviour, times?: number): void {
    this.#rules.add(path, what, times);
  }

  /** Forgets what went wrong and what was seen. */
  reset(): void {
    this.#rules.clear();
    this.seen.length = 0;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }

  async #listen(port: number, handler: Handler): Promise<string> {
    const server = createServer((request, response) => {
      void handler(request, response);
    });
    this.#servers.push(server);
    server.listen(port, 'localhost');
    await once(server, 'listening');
    return `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  /** Notes the request and does what every answer needs; null when it is answered already. */
  #receive(origin: Seen['origin'], request: IncomingMessage, response: ServerResponse): Misbehaviour | null {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'OPTIONS') {
      allow(request, response);
      response.writeHead(204).end();
      return null;
    }
    const { authorization, range, 'if-range': ifRange } = request.headers;
    this.seen.push({
      origin,
      method: request.method ?? '',
      path: decodeURIComponent(pathname),
      range: range ?? null,
      ifRange: typeof ifRange === 'string' ? ifRange : null,
      token: authorization ?? null,
    });
    // A file is struck where its bytes come from, and anything else at the hub.
    const what = this.#isRedirected(origin, pathname) ? {} : this.#rules.take(decodeURIComponent(pathname));
    if (what.noCors !== true) allow(request, response);
    if (what.status === undefined) return what;
    if (what.retryAfter !== undefined) response.setHeader('retry-after', what.retryAfter);
    response.writeHead(what.status).end();
    return null;
  }

  #isRedirected(origin: Seen['origin'], pathname: string): boolean {
    return origin === 'hub' && this.#find(pathname)?.file?.lfs === true;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const what = this.#receive('hub', request, response);
    if (what === null) return;
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const found = this.#find(pathname);
    if (found === null) {
      refuse(response, 401, 'RepoNotFound', 'Invalid username or password.');
      return;
    }
    const { repository, revision, name, file } = found;
    const authorized = request.headers.authorization === `Bearer ${TOKEN}`;
    if (revision !== 'main' && revision !== repository.commit && !revision.startsWith('refs/'))
      refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    else if (name === null) json(response, modelInfo(repository));
    else if (repository.gated !== false && !authorized)
      refuse(response, 401, 'GatedRepo', `Access to model ${repository.id} is restricted.`);
    else if (file === undefined) refuse(response, 404, 'EntryNotFound', 'Entry not found');
    else await this.#resolve(request, response, repository, name, file, what);
  }

  /** Small files come from the hub itself, large ones by a redirect to the CDN. */
  async #resolve(
    request: IncomingMessage,
    response: ServerResponse,
    repository: Repository,
    name: string,
    file: HubFile,
    what: Misbehaviour,
  ): Promise<void> {
    response.setHeader('x-repo-commit', repository.commit);
    const tag = sha256(file.bytes);
    if (!file.lfs) {
      await serveFile(request, response, file.bytes, tag.slice(0, 40), what);
      return;
    }
    const location = `${this.cdn}/${repository.id}/${repository.commit}/${name}?signature=of-the-test-hub`;
    response.writeHead(302, {
      location,
      'x-linked-etag': `"${tag}"`,
      'x-linked-size': file.bytes.length,
    });
    response.end();
  }

  /** The CDN knows signed addresses and no tokens. */
  async #deliver(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const what = this.#receive('cdn', request, response);
    if (what === null) return;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(pathname);
    const repository = [...this.repositories.values()].find(({ id, commit }) =>
      path.startsWith(`/${id}/${commit}/`),
    );
    const file = repository?.files.get(path.slice(`/${repository.id}/${repository.commit}/`.length));
    if (file === undefined) response.writeHead(404).end();
    else if (searchParams.get('signature') === null) response.writeHead(403).end();
    else if (request.headers.authorization !== undefined) response.writeHead(400).end();
    else await serveFile(request, response, file.bytes, sha256(file.bytes), what);
  }

  #find(pathname: string) {
    const path = decodeURIComponent(pathname);
    for (const repository of this.repositories.values()) {
      const rest = path.startsWith(`/api/models/${repository.id}/revision/`)
        ? { revision: path.slice(`/api/models/${repository.id}/revision/`.length), name: null }
        : splitResolve(path, repository);
      if (rest !== null)
        return {
          repository,
          ...rest,
          file: rest.name === null ? undefined : repository.files.get(rest.name),
        };
    }
    return null;
  }
}

function splitResolve(path: string, { id }: Repository): { revision: string; name: string } | null {
  const start = `/${id}/resolve/`;
  if (!path.startsWith(start)) return null;
  const match = /^(refs\/[^/]+\/[^/]+|[^/]+)\/(.+)$/.exec(path.slice(start.length));
  return match === null ? null : { revision: match[1] ?? '', name: match[2] ?? '' };
}

/** What the API says of a repository, as far as it is looked at. */
function modelInfo(repository: Repository): unknown {
  const siblings = [...repository.files].map(([rfilename, { bytes, lfs }]) => ({
    rfilename,
    size: bytes.length,
    ...(lfs ? { lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 134 } } : {}),
  }));
  const { id, commit, gated, licence } = repository;
  return { id, modelId: id, sha: commit, private: false, gated, cardData: { license: licence }, siblings };
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'x-error-code': code, 'x-error-message': message }).end();
}

function allow(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', EXPOSED);
  const wanted = request.headers['access-control-request-headers'];
  if (wanted === undefined) return;
  response.setHeader('access-control-allow-headers', wanted);
  response.setHeader('access-control-allow-methods', 'GET, HEAD');
}
