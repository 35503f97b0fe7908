/** What a run has measured: named series of one value a round, in the order of the rounds. */
import { ratios, spread, type Spread } from './statistics.ts';

export class Samples {
  readonly #series = new Map<string, number[]>();

  add(name: string, value: number): void {
    const known = this.#series.get(name);
    if (known === undefined) this.#series.set(name, [value]);
    else known.push(value);
  }

  /** Empty where nothing was measured. */
  get(name: string): readonly number[] {
    return this.#series.get(name) ?? [];
  }

  spread(name: string): Spread | null {
    return spreadOf(this.get(name));
  }

  /** Round by round, or null where one side could not be measured. */
  ratio(above: string, below: string): Spread | null {
    const [a, b] = [this.get(above), this.get(below)];
    return a.length === b.length ? spreadOf(ratios(a, b)) : null;
  }

  toJSON(): Record<string, Spread & { values: readonly number[] }> {
    return Object.fromEntries(
      [...this.#series].map(([name, values]) => [name, { ...spread(values), values }]),
    );
  }
}

export function spreadOf(values: readonly number[]): Spread | null {
  return values.length === 0 ? null : spread(values);
}
