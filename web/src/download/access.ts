/**
 * One way to the network, for one piece of work: whose token is sent where, what stops it, how long it is patient.
 * A token goes to the Hub's own origin and nowhere else: it is in no address, no message and no store, and fetch takes the
 * Authorization header off where a redirect leaves the origin.
 */
import { EngineError } from '../engine/protocol.ts';

export type Pause = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;

/** An answer or a connection that another try may better. */
export class Passing extends Error {
  /** Asked for by the server, in milliseconds. */
  readonly wait: number | null;
  /** What to tell when no try was better. */
  readonly last: EngineError;

  constructor(last: EngineError, wait: number | null = null) {
    super(last.message);
    this.last = last;
    this.wait = wait;
  }
}

/** Tries in a row that brought nothing. */
const TRIES = 5;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

export class Access {
  /** The Hub, without a slash at the end. */
  readonly endpoint: string;
  token: string | null = null;
  signal: AbortSignal | undefined;
  readonly #pause: Pause;

  constructor(endpoint: string, pause: Pause = wait) {
    this.endpoint = endpoint.replace(/\/+$/, '');
    this.#pause = pause;
  }

  /** Whether this is an address of the Hub itself. */
  isHub(url: string): boolean {
    return new URL(url).origin === new URL(this.endpoint).origin;
  }

  /** One request. Throws Passing where another try makes sense, and one sentence where not. */
  async request(
    url: string,
    init: { method?: 'HEAD'; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token !== null && this.isHub(url))
      headers.set('authorization', `Bearer ${checkToken(this.token)}`);
    let response;
    try {
      response = await fetch(url, {
        ...init,
        headers,
        signal: this.signal ?? null,
        cache: 'no-store',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
      });
    } catch {
      this.signal?.throwIfAborted();
      throw new Passing(unreachable(url));
    }
    if (response.ok || response.status === 416) return response;
    await response.body?.cancel();
    const refusal = this.#refusal(url, response);
    if (response.status !== 429 && response.status < 500) throw refusal;
    throw new Passing(refusal, (Number(response.headers.get('retry-after')) || 0) * 1000);
  }

  /** `request` with patience for a server that is busy, but none for a network that is not there. */
  async patiently<T>(attempt: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Passing)) throw error;
        if (error.last.status === 'unreachable') throw error.last;
        await this.recover(error, failures);
      }
    }
  }

  /** Waits before the next try, or gives up. */
  async recover(error: Passing, failures: number): Promise<void> {
    if (failures >= TRIES) throw error.last;
    const own = FIRST_PAUSE * 2 ** (failures - 1);
    await this.#pause(Math.min(LONGEST_PAUSE, Math.max(own, error.wait ?? 0)), this.signal);
    this.signal?.throwIfAborted();
  }

  #refusal(url: string, response: Response): EngineError {
    const { host, pathname } = new URL(url);
    const file = decodeURIComponent(pathname.split('/').at(-1) ?? '');
    const { status } = response;
    if (status === 429)
      return new EngineError(
        'rate-limited',
        `${host} allows no more requests for now; try again in a few minutes.`,
      );
    if (status >= 500)
      return new EngineError('server-failed', `${host} is in trouble (HTTP ${status}); try again later.`);
    if (this.isHub(url)) return this.#hubRefusal(url, response);
    if (status === 404 || status === 410)
      return new EngineError(
        'not-found',
        `There is no “${file}” at ${host} (HTTP ${status}); check the address.`,
      );
    return new EngineError('refused', `${host} does not hand out “${file}” (HTTP ${status}).`);
  }

  /** The Hub answers 401 for what does not exist, too, as long as nobody has signed in. */
  #hubRefusal(url: string, { status, headers }: Response): EngineError {
    const { host, pathname } = new URL(url);
    const id =
      /^\/(?:api\/models\/)?(.+?)\/(?:resolve|revision)\//.exec(decodeURIComponent(pathname))?.[1] ?? '';
    const code = headers.get('x-error-code');
    const signedIn = this.token !== null;
    if (code === 'GatedRepo')
      return new EngineError(
        'gated',
        signedIn
          ? `This token may not read “${id}”: accept its terms at ${host}/${id} with the account that the token belongs to.`
          : `“${id}” is gated: accept its terms at ${host}/${id}, then enter an access token of your account.`,
      );
    if (code === 'RevisionNotFound')
      return new EngineError(
        'not-found',
        `“${id}” has no such revision; leave the revision out to take the main one.`,
      );
    if (code === 'EntryNotFound')
      return new EngineError('not-found', `“${id}” has no such file in this revision.`);
    if (status === 401 || status === 403 || status === 404)
      return new EngineError(
        'not-found',
        signedIn
          ? `There is no “${id}” on ${host}, or this token may not read it; check the id and the token.`
          : `There is no “${id}” on ${host}, or it is private; check the id, or enter an access token.`,
      );
    return new EngineError('refused', `${host} refused the request for “${id}” (HTTP ${status}).`);
  }
}

function unreachable(url: string): EngineError {
  const offline = typeof navigator === 'object' && (navigator as { onLine?: boolean }).onLine === false;
  return new EngineError(
    'unreachable',
    offline
      ? 'This device is offline; models in the store still work.'
      : `${new URL(url).host} cannot be reached: the network is down, or that server does not let other sites' pages read its files (CORS).`,
  );
}

function checkToken(token: string): string {
  if (/^[\x21-\x7e]{1,500}$/.test(token)) return token;
  throw new EngineError(
    'bad-token',
    'This is no access token: it has spaces or characters that no token has.',
  );
}

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
