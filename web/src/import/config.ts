/** Reads fields of config.json and its like: every number comes out checked, or is refused by name. */
import { refuseImpostor } from './bytes.ts';
import { ImportError, grouped } from './errors.ts';
import { describeJson, JsonObject, parseJson, type Json } from './json.ts';

/** Ceilings that no real model comes near; they bound what is planned from a config before tensors are seen. */
export const LIMITS = {
  layers: 4096,
  heads: 65_536,
  width: 1_048_576,
  context: 2_147_483_647,
  vocabulary: 16_777_216,
} as const;

interface CountOptions {
  readonly max: number;
  readonly min?: number;
  /** Used when the field is absent or null; without it the field is required. */
  readonly otherwise?: number;
}

export class Fields {
  readonly file: string;
  private readonly object: JsonObject;

  constructor(file: string, object: JsonObject) {
    this.file = file;
    this.object = object;
  }

  static parse(bytes: Uint8Array, file: string): Fields {
    refuseImpostor(file, bytes);
    const json = parseJson(bytes, file);
    if (!(json instanceof JsonObject)) {
      throw new ImportError(
        'bad-type',
        { file, offset: 0 },
        `an object is expected, not ${describeJson(json)}.`,
      );
    }
    return new Fields(file, json);
  }

  /** The raw value; null and absent are the same. */
  get(name: string): Json {
    return this.object.get(name) ?? null;
  }

  /** A nested object as fields of their own; empty when absent. */
  section(name: string): Fields {
    const value = this.get(name);
    if (value === null) return new Fields(this.file, new JsonObject(0));
    if (!(value instanceof JsonObject)) this.fail('bad-type', name, value, 'an object');
    return new Fields(this.file, value);
  }

  entries(): Iterable<[string, Json]> {
    return this.object;
  }

  /** The object, to be changed. */
  copy(): JsonObject {
    const copy = new JsonObject(this.object.offset);
    for (const [name, value] of this.object) copy.set(name, value);
    return copy;
  }

  /** Another object of the same file. */
  of(object: JsonObject): Fields {
    return new Fields(this.file, object);
  }

  count(name: string, { min = 1, max, otherwise }: CountOptions): number {
    const value = this.get(name) ?? otherwise;
    if (value === undefined) return this.absent(name);
    if (typeof value !== 'number') this.fail('bad-type', name, value, 'a number');
    if (!Number.isInteger(value) || value < min || value > max) {
      const limit = `${min}..${max}`;
      const said = describeJson(value);
      this.refuse('bad-value', name, said, limit, `must be a whole number from ${min} to ${grouped(max)}`);
    }
    return value;
  }

  /** A positive, finite number of at most `max`. */
  positive(name: string, max: number, otherwise?: number): number {
    const value = this.get(name) ?? otherwise;
    if (value === undefined) return this.absent(name);
    if (typeof value !== 'number') this.fail('bad-type', name, value, 'a number');
    if (!(value > 0 && value <= max)) {
      this.refuse(
        'bad-value',
        name,
        String(value),
        `0..${max}`,
        `must be above 0 and at most ${grouped(max)}`,
      );
    }
    return value;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.get(name) ?? otherwise;
    if (typeof value !== 'boolean') this.fail('bad-type', name, value, 'true or false');
    return value;
  }

  text(name: string, otherwise: string): string {
    const value = this.get(name) ?? otherwise;
    if (typeof value !== 'string') this.fail('bad-type', name, value, 'a string');
    return value;
  }

  /** Refuses a setting that would change the model's arithmetic in a way that is not known here. */
  requireOneOf(name: string, known: readonly (string | boolean)[], otherwise: string | boolean): void {
    const value = this.get(name) ?? otherwise;
    if (known.some((accepted) => accepted === value)) return;
    const list = known.join(', ');
    this.refuse('unsupported', name, describeJson(value), list, `is not supported here; known: ${list}`);
  }

  /** Refuses a number that would have to equal another field's. */
  requireEqual(name: string, other: string, expected: number): void {
    const value = this.get(name) ?? expected;
    if (value === expected) return;
    const said = describeJson(value);
    this.refuse('unsupported', name, said, String(expected), `must be ${expected}, as "${other}" is`);
  }

  /** The width of one head. Refuses a head count that does not divide the width. */
  headWidth(headsName: string, heads: number, widthName: string, width: number): number {
    if (width % heads !== 0) {
      const place = { file: this.file, where: headsName, value: String(heads), limit: String(width) };
      const sentence = `"${headsName}" is ${heads}, which does not divide "${widthName}", ${width}.`;
      throw new ImportError('bad-value', place, sentence);
    }
    return width / heads;
  }

  private absent(name: string): never {
    throw new ImportError('missing', { file: this.file, where: name }, `the field "${name}" is missing.`);
  }

  private fail(code: 'bad-type', name: string, value: Json, expected: string): never {
    this.refuse(code, name, describeJson(value), expected, `must be ${expected}`);
  }

  private refuse(
    code: 'bad-type' | 'bad-value' | 'unsupported',
    where: string,
    value: string,
    limit: string,
    rule: string,
  ): never {
    throw new ImportError(
      code,
      { file: this.file, where, value, limit },
      `"${where}" is ${value}; it ${rule}.`,
    );
  }
}
