/**
 * JSON from untrusted bytes: what JSON.parse does not do. It names the byte offset, refuses duplicate names, lone
 * surrogates and deep nesting, and builds maps instead of objects, so that "__proto__" is a name like any other.
 * NaN, Infinity and -Infinity are read because Python writes them; whoever uses a number checks its range.
 */
import { ImportError, quote, type ImportErrorCode } from './errors.ts';

export type Json = null | boolean | number | string | Json[] | JsonObject;

/** An object, with the offset of its opening brace for messages. */
export class JsonObject extends Map<string, Json> {
  readonly offset: number;
  constructor(offset: number) {
    super();
    this.offset = offset;
  }
}

const DEPTH_LIMIT = 64;
/** Bounds the memory that a hostile text can ask for; the largest published vocabularies need half of it. */
const VALUE_LIMIT = 4 << 20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const WORDS: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
];
/** What may follow a backslash, and what it stands for. */
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
  [0x2f, '/'],
  [0x62, '\b'],
  [0x66, '\f'],
  [0x6e, '\n'],
  [0x72, '\r'],
  [0x74, '\t'],
]);

/** Purpose: parse all of `bytes`. `base` is added to every offset reported. */
export function parseJson(bytes: Uint8Array, file: string, base = 0): Json {
  return new Reader(bytes, file, base).document();
}

/** A name for what was found where something else was expected. */
export function describeJson(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof JsonObject) return 'an object';
  return typeof value === 'string' ? quote(value) : String(value);
}

class Reader {
  private at = 0;
  private values = 0;
  private readonly bytes: Uint8Array;
  private readonly file: string;
  /** The same text with one character for each byte: ASCII pieces of it are cut from here. */
  private readonly ascii: string;
  private readonly base: number;
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(bytes: Uint8Array, file: string, base: number) {
    this.bytes = bytes;
    this.file = file;
    this.base = base;
    this.ascii = new TextDecoder('latin1').decode(bytes);
  }

  document(): Json {
    this.skipSpace();
    const value = this.value(0);
    this.skipSpace();
    if (this.at < this.bytes.length) this.fail('not-a-model', 'something follows the end of the JSON text');
    return value;
  }

  private peek(): number {
    return this.bytes[this.at] ?? -1;
  }

  private skipSpace(): void {
    for (let code = this.peek(); code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;) {
      this.at++;
      code = this.peek();
    }
  }

  private value(depth: number): Json {
    if (++this.values > VALUE_LIMIT) {
      this.fail('bad-count', `the JSON text holds more than ${VALUE_LIMIT} values`, String(VALUE_LIMIT));
    }
    const code = this.peek();
    if (code === QUOTE) return this.string();
    if (code === 0x7b || code === 0x5b) {
      if (depth >= DEPTH_LIMIT) {
        this.fail(
          'bad-count',
          `the JSON text is nested more than ${DEPTH_LIMIT} levels deep`,
          String(DEPTH_LIMIT),
        );
      }
      return code === 0x7b ? this.object(depth) : this.array(depth);
    }
    if (isNumberByte(code) && !this.startsInfinity()) return this.number();
    for (const [word, value] of WORDS) if (this.skipWord(word)) return value;
    return this.fail('not-a-model', 'a JSON value is expected here');
  }

  private startsInfinity(): boolean {
    return this.bytes[this.at] === 0x2d && this.bytes[this.at + 1] === 0x49;
  }

  private skipWord(word: string): boolean {
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.at + i] !== word.charCodeAt(i)) return false;
    }
    this.at += word.length;
    return true;
  }

  private object(depth: number): JsonObject {
    const object = new JsonObject(this.base + this.at);
    this.at++;
    this.skipSpace();
    if (this.skip(0x7d)) return object;
    do {
      this.skipSpace();
      if (this.peek() !== QUOTE) this.fail('not-a-model', 'a name in quotes is expected here');
      const start = this.at;
      const name = this.string();
      if (object.has(name)) {
        this.at = start;
        this.fail('duplicate', `the name ${quote(name)} appears twice in one object`, undefined, name);
      }
      this.skipSpace();
      this.expect(0x3a, 'a colon');
      this.skipSpace();
      object.set(name, this.value(depth + 1));
      this.skipSpace();
    } while (this.skip(0x2c));
    this.expect(0x7d, 'a comma or }');
    return object;
  }

  private array(depth: number): Json[] {
    const array: Json[] = [];
    this.at++;
    this.skipSpace();
    if (this.skip(0x5d)) return array;
    do {
      this.skipSpace();
      array.push(this.value(depth + 1));
      this.skipSpace();
    } while (this.skip(0x2c));
    this.expect(0x5d, 'a comma or ]');
    return array;
  }

  private skip(code: number): boolean {
    if (this.peek() !== code) return false;
    this.at++;
    return true;
  }

  private expect(code: number, what: string): void {
    if (!this.skip(code)) this.fail('not-a-model', `${what} is expected here`);
  }

  private string(): string {
    const start = ++this.at;
    let plain = true;
    let escaped = false;
    for (;;) {
      const code = this.peek();
      if (code === QUOTE) break;
      if (code < 0) this.fail('not-a-model', 'the JSON text ends inside a string');
      if (code < 0x20) this.fail('not-a-model', 'a string holds a control character');
      if (code === BACKSLASH) {
        escaped = true;
        this.at++;
      } else if (code >= 0x80) plain = false;
      this.at++;
    }
    const end = this.at++;
    if (escaped) return this.unescape(start, end);
    return plain ? this.ascii.slice(start, end) : this.decode(start, end);
  }

  private decode(start: number, end: number): string {
    try {
      return this.utf8.decode(this.bytes.subarray(start, end));
    } catch {
      this.at = start;
      return this.fail('bad-encoding', 'a string is not valid UTF-8');
    }
  }

  private unescape(start: number, end: number): string {
    const parts: string[] = [];
    let from = start;
    for (let i = start; i < end; i++) {
      if (this.bytes[i] !== BACKSLASH) continue;
      parts.push(this.decode(from, i));
      const letter = this.bytes[i + 1] ?? 0;
      const simple = ESCAPES.get(letter);
      if (simple !== undefined) parts.push(simple);
      else if (letter === 0x75) parts.push(this.unit(i + 2, end));
      else this.failAt(i, 'not-a-model', 'a string holds an unknown escape');
      i += letter === 0x75 ? 5 : 1;
      from = i + 1;
    }
    parts.push(this.decode(from, end));
    const text = parts.join('');
    if (/\p{Surrogate}/u.test(text)) {
      this.failAt(start, 'bad-encoding', 'a string holds half of a surrogate pair');
    }
    return text;
  }

  private unit(from: number, end: number): string {
    const digits = this.ascii.slice(from, Math.min(from + 4, end));
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.failAt(from, 'not-a-model', 'four hexadecimal digits are expected here');
    }
    return String.fromCharCode(parseInt(digits, 16));
  }

  private number(): number {
    const start = this.at;
    for (let code = this.peek(); isNumberByte(code); code = this.peek()) this.at++;
    const text = this.ascii.slice(start, Math.min(this.at, start + 1024));
    if (this.at - start > 1024 || !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) {
      this.failAt(start, 'not-a-model', 'a JSON value is expected here');
    }
    return Number(text);
  }

  private failAt(at: number, code: ImportErrorCode, what: string): never {
    this.at = at;
    return this.fail(code, what);
  }

  private fail(code: ImportErrorCode, what: string, limit?: string, where?: string): never {
    const offset = this.base + Math.min(this.at, this.bytes.length);
    const place = { file: this.file, offset, ...(limit && { limit }), ...(where && { where }) };
    throw new ImportError(code, place, `at byte ${offset}, ${what}.`);
  }
}

function isNumberByte(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2d ||
    code === 0x2b ||
    code === 0x2e ||
    (code | 0x20) === 0x65
  );
}
