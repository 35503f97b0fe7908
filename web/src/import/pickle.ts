/**
 * Reads a Python pickle without executing anything: of the machine that a pickle is a program for, only those opcodes of
 * protocol 2 that a dictionary of tensors needs, and no calls. Names of functions stay names; whoever reads gives each
 * that is known here a meaning, and every other one is refused. Opcodes: the module pickletools of Python.
 */
import { ImportError, quote, type ImportErrorCode } from './errors.ts';

/** A tuple. */
export type Tuple = readonly PickleValue[];
/** A function or class by its module and name, "collections.OrderedDict". Never called. */
export class Global {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}
export class Dict extends Map<string, PickleValue> {}
/** What the reader makes of it. */
export interface Foreign {
  readonly kind: string;
}
export type PickleValue = null | boolean | number | string | Tuple | Global | Dict | Foreign;

/** What names mean. `refuse` says what is wrong with the value at hand. */
export interface Meanings {
  /** Names that may occur at all. */
  knows(name: string): boolean;
  /** What a function would return; only for names that are known. */
  call(name: string, args: Tuple, refuse: (what: string) => never): PickleValue;
  /** What a persistent id stands for. */
  persistent(id: PickleValue, refuse: (what: string) => never): PickleValue;
}

const STACK_LIMIT = 1 << 16;
const MEMO_LIMIT = 1 << 20;
const NAME_LIMIT = 256;

const MARK = Symbol('mark');
type Slot = PickleValue | typeof MARK;

/** Purpose: read all of `bytes`. `base` is added to every offset reported. */
export function readPickle(bytes: Uint8Array, file: string, base: number, meanings: Meanings): PickleValue {
  return new Machine(bytes, file, base, meanings).run();
}

class Machine {
  private at = 0;
  /** Where the opcode at hand is. */
  private op = 0;
  private readonly stack: Slot[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly view: DataView;
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private readonly bytes: Uint8Array;
  private readonly file: string;
  private readonly base: number;
  private readonly meanings: Meanings;
  private readonly opcodes: ReadonlyMap<number, () => void> = this.makeOpcodes();

  constructor(bytes: Uint8Array, file: string, base: number, meanings: Meanings) {
    this.bytes = bytes;
    this.file = file;
    this.base = base;
    this.meanings = meanings;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    if (this.u8() !== 0x80 || this.u8() !== 2) this.fail('unsupported', 'it is not a pickle of protocol 2');
    for (;;) {
      this.op = this.at;
      const code = this.u8();
      if (code === 0x2e) break;
      const step = this.opcodes.get(code) ?? this.unknown(code);
      step();
      if (this.stack.length > STACK_LIMIT) this.fail('bad-count', `its stack is deeper than ${STACK_LIMIT}`);
    }
    const result = this.pop();
    if (this.stack.length > 0 || this.at < this.bytes.length) {
      this.fail('bad-value', 'it ends with something left over');
    }
    return result;
  }

  private makeOpcodes(): Map<number, () => void> {
    const push = (make: () => Slot) => (): void => {
      this.stack.push(make());
    };
    const put = (index: () => number) => (): void => {
      this.put(index());
    };
    const get = (index: () => number) => push(() => this.get(index()));
    const setItems = (pairs: () => Tuple) => (): void => {
      this.setItems(pairs());
    };
    const build = (): void => {
      this.build();
    };
    const tuple = (count: number) => push(() => this.popTuple(count));
    return new Map<number, () => void>([
      [0x28, push(() => MARK)], // (
      [0x29, push(() => [])], // )
      [0x7d, push(() => new Dict())], // }
      [0x4e, push(() => null)], // N
      [0x88, push(() => true)],
      [0x89, push(() => false)],
      [0x4a, push(() => this.view.getInt32(this.take(4), true))], // J
      [0x4b, push(() => this.u8())], // K
      [0x4d, push(() => this.view.getUint16(this.take(2), true))], // M
      [0x8a, push(() => this.long())],
      [0x58, push(() => this.text(this.u32()))], // X
      [0x63, push(() => this.global())], // c
      [0x71, put(() => this.u8())], // q
      [0x72, put(() => this.u32())], // r
      [0x68, get(() => this.u8())], // h
      [0x6a, get(() => this.u32())], // j
      [0x74, push(() => this.popToMark())], // t
      [0x85, tuple(1)],
      [0x86, tuple(2)],
      [0x87, tuple(3)],
      [0x51, push(() => this.meanings.persistent(this.pop(), this.wrong))], // Q
      [0x52, push(() => this.reduce())], // R
      [0x62, build], // b
      [0x73, setItems(() => this.popTuple(2))], // s
      [0x75, setItems(() => this.popToMark())], // u
    ]);
  }

  private unknown(code: number): never {
    const hex = code.toString(16).padStart(2, '0');
    return this.fail(
      'unsupported',
      `the pickle opcode 0x${hex} does not occur in a plain dictionary of tensors`,
    );
  }

  // ---- the stack -------------------------------------------------------------------------------------------

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) return this.fail('bad-value', 'the stack is empty');
    return value;
  }

  private popTuple(count: number): Tuple {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  private popToMark(): Tuple {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) return this.fail('bad-value', 'there is no mark on the stack');
    const values = this.stack.splice(mark + 1) as PickleValue[];
    this.stack.pop();
    return values;
  }

  private put(index: number): void {
    const value = this.pop();
    this.stack.push(value);
    this.memo.set(index, value);
    if (this.memo.size > MEMO_LIMIT) this.fail('bad-count', `its memo holds more than ${MEMO_LIMIT} values`);
  }

  private get(index: number): PickleValue {
    const value = this.memo.get(index);
    return value === undefined ? this.fail('bad-value', `the memo has nothing under ${index}`) : value;
  }

  // ---- values ----------------------------------------------------------------------------------------------

  private global(): Global {
    const name = `${this.line()}.${this.line()}`;
    if (name !== ORDERED_DICT && !this.meanings.knows(name)) {
      this.fail(
        'unsupported',
        `${quote(name)} is named; only what a plain dictionary of tensors needs is known`,
        name,
      );
    }
    return new Global(name);
  }

  private reduce(): PickleValue {
    const args = this.pop();
    const callable = this.pop();
    if (!(callable instanceof Global) || !Array.isArray(args)) {
      return this.fail('bad-type', 'something that is no known function would be called');
    }
    if (callable.name !== ORDERED_DICT) return this.meanings.call(callable.name, args as Tuple, this.wrong);
    if (args.length > 0) this.fail('bad-value', 'an OrderedDict is made with arguments', callable.name);
    return new Dict();
  }

  /** The attributes of a dictionary of tensors: versions of modules, which no weight depends on. */
  private build(): void {
    const state = this.pop();
    const object = this.pop();
    if (!(state instanceof Dict) || !(object instanceof Dict)) {
      this.fail('bad-type', 'something else than a dictionary is given attributes');
    }
    this.stack.push(object);
  }

  private setItems(pairs: Tuple): void {
    const dict = this.pop();
    if (!(dict instanceof Dict) || pairs.length % 2 !== 0)
      return this.fail('bad-type', 'items are set in no dictionary');
    for (let i = 0; i < pairs.length; i += 2) {
      const [key, value] = [pairs[i], pairs[i + 1]];
      if (typeof key !== 'string' || value === undefined)
        return this.fail('bad-type', 'a dictionary has a key that is no text');
      if (dict.has(key)) this.fail('duplicate', `the key ${quote(key)} is there twice`, key);
      dict.set(key, value);
    }
    this.stack.push(dict);
  }

  // ---- bytes -----------------------------------------------------------------------------------------------

  private take(length: number): number {
    const at = this.at;
    if (at + length > this.bytes.length) this.fail('truncated', 'the pickle ends in the middle of a value');
    this.at += length;
    return at;
  }

  private u8(): number {
    return this.view.getUint8(this.take(1));
  }

  private u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** A whole number of up to 8 bytes, with its sign. */
  private long(): number {
    const length = this.u8();
    if (length > 8) this.fail('bad-value', `a number has ${length} bytes`);
    const at = this.take(length);
    const digits = this.bytes.subarray(at, at + length);
    const value = digits.reduceRight((all, byte) => all * 256n + BigInt(byte), 0n);
    return Number(BigInt.asIntN(length * 8, value));
  }

  private text(length: number): string {
    const at = this.take(length);
    try {
      return this.utf8.decode(this.bytes.subarray(at, at + length));
    } catch {
      return this.fail('bad-encoding', 'a text is not valid UTF-8');
    }
  }

  private line(): string {
    const end = this.bytes.subarray(this.at, this.at + NAME_LIMIT).indexOf(0x0a);
    if (end < 0) this.fail('bad-length', `a name has no end within ${NAME_LIMIT} bytes`);
    const line = this.text(end);
    this.at++;
    return line;
  }

  private readonly wrong = (what: string): never => this.fail('bad-value', what);

  private fail(code: ImportErrorCode, what: string, where = ''): never {
    const offset = this.base + this.op;
    throw new ImportError(
      code,
      { file: this.file, where, offset },
      `in its pickle at byte ${offset}, ${what}.`,
    );
  }
}

const ORDERED_DICT = 'collections.OrderedDict';
