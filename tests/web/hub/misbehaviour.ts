/** What a server can do wrong, on demand. A rule names the file by the end of its path. */

export interface Misbehaviour {
  /** End the body after this many bytes of the file, by closing the connection. */
  readonly cutAt?: number;
  /** End each body after this many bytes, wherever it began. */
  readonly cutAfter?: number;
  /** Answer with this status (429, 503, ...) and no body. */
  readonly status?: number;
  /** Of such an answer, in seconds. */
  readonly retryAfter?: number;
  /** Answer a request for a range with 200 and the whole file. */
  readonly ignoreRange?: boolean;
  /** As a server that never heard of ranges: as above, and no Accept-Ranges. */
  readonly noRange?: boolean;
  /** The file is another one under the same name: other ETag, other bytes of the same length. */
  readonly changed?: boolean;
  /** One byte of the body is not what it should be. */
  readonly corruptAt?: number;
  /** Content-Range says another place than was asked for. */
  readonly wrongRange?: boolean;
  /** No CORS headers. */
  readonly noCors?: boolean;
  /** Bytes per second. */
  readonly throttle?: number;
}

interface Rule {
  readonly path: string;
  readonly what: Misbehaviour;
  /** How many more requests it strikes. */
  left: number;
}

export class Misbehaviours {
  #rules: Rule[] = [];

  /** Strikes the next `times` requests for a path that ends so; later rules go on top of earlier ones. */
  add(path: string, what: Misbehaviour, times = Infinity): void {
    this.#rules.push({ path, what, left: times });
  }

  clear(): void {
    this.#rules = [];
  }

  /** What applies to this request. Counts it. */
  take(path: string): Misbehaviour {
    const mine = this.#rules.filter((rule) => rule.left > 0 && path.endsWith(rule.path));
    for (const rule of mine) rule.left -= 1;
    return Object.assign({}, ...mine.map(({ what }) => what)) as Misbehaviour;
  }
}
