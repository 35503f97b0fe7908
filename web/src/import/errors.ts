/**
 * How the importer refuses. Everything it reads is untrusted; a refusal is one sentence a person can act on, and the
 * same facts as fields for a program. The codes are the core's status names, so that the page shows one vocabulary.
 */

export type ImportErrorCode =
  | 'bad-argument'
  | 'read-failed'
  | 'empty'
  | 'truncated'
  | 'not-a-model'
  | 'bad-count'
  | 'bad-length'
  | 'bad-encoding'
  | 'duplicate'
  | 'bad-type'
  | 'bad-value'
  | 'bad-shape'
  | 'overflow'
  | 'overlap'
  | 'missing'
  | 'unsupported';

/** Where a refusal happened. `where` names a field or tensor; `offset` is a byte offset in the file. */
export interface ErrorPlace {
  readonly file: string;
  readonly where?: string;
  readonly offset?: number;
  readonly value?: string;
  readonly limit?: string;
}

export class ImportError extends Error {
  override readonly name = 'ImportError';
  readonly code: ImportErrorCode;
  readonly file: string;
  readonly where: string;
  readonly offset: number | null;
  readonly value: string | null;
  readonly limit: string | null;

  /** `sentence` says what is wrong and what to do, without the file's name, which goes in front. */
  constructor(code: ImportErrorCode, place: ErrorPlace, sentence: string) {
    super(`${place.file}: ${sentence}`);
    this.code = code;
    this.file = place.file;
    this.where = place.where ?? '';
    this.offset = place.offset ?? null;
    this.value = place.value ?? null;
    this.limit = place.limit ?? null;
  }
}

const SHOWN = 60;

/** An untrusted name for a message: in quotes, control characters escaped, cut after 60 characters. */
export function quote(text: string): string {
  const shown = Array.from(text.slice(0, SHOWN * 2)).slice(0, SHOWN);
  const escaped = shown.map((char) => {
    const code = char.codePointAt(0) ?? 0;
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code < 0xe000);
    return isControl ? `\\u${code.toString(16).padStart(4, '0')}` : char;
  });
  return `"${escaped.join('')}${shown.join('').length < text.length ? '...' : ''}"`;
}

/** A number for a message: grouped by thousands, so that 9007199254740993 can be read. */
export function grouped(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : String(value);
}
