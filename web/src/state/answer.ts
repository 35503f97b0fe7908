/**
 * The Answer: sentences written from the numbers, and never more than the numbers say. Every interval is a 95%
 * bootstrap over the positions of one text; two values are called different only when their intervals are apart.
 */
import { interval, plural, sig3 } from './format.ts';
import type { Interval, Result } from './result.ts';

export function answer(results: readonly Result[]): string[] {
  const [first, second] = results;
  if (first === undefined) return [];
  if (second === undefined) return [settles(first), poles(first), ...caveats(results)];
  if (results.length === 2) return [settlesBoth(first, second), compares(first, second), ...caveats(results)];
  return [settlesRange(results), ratioRange(results), ...caveats(results)];
}

function brackets(bounds: Interval): string {
  return bounds === null ? '' : ` (${interval(bounds)})`;
}

function withInterval(value: number, bounds: Interval): string {
  return `${sig3(value)}${brackets(bounds)}`;
}

function settles(result: Result): string {
  const { commit } = result.summary;
  const { name, layers } = result.model;
  if (commit.mean === null) return `${name} gives no finite commitment on this text.`;
  return `${name} settles on its next token at layer ${sig3(commit.mean)} of ${layers} on average${brackets(commit.mean_ci)}.`;
}

function settlesBoth(one: Result, other: Result): string {
  const a = one.summary.commit;
  const b = other.summary.commit;
  if (a.mean === null || b.mean === null) return `${settles(one)} ${settles(other)}`;
  return (
    `${one.model.name} settles on its next token at layer ${sig3(a.mean)} of ${one.model.layers} on average${brackets(a.mean_ci)}, ` +
    `${other.model.name} at ${sig3(b.mean)} of ${other.model.layers}${brackets(b.mean_ci)}.`
  );
}

function poles(result: Result): string {
  const { gd_ratio: ratio, gd_ratio_ci: bounds } = result.summary;
  if (ratio === null) return 'Its GD_ratio has no finite value on this text.';
  const lean = leaning(ratio, bounds);
  return `Its GD_ratio is ${withInterval(ratio, bounds)}: ${lean}.`;
}

function leaning(ratio: number, bounds: Interval): string {
  if (bounds !== null && bounds[0] > 1) return 'concentration outweighs competition';
  if (bounds !== null && bounds[1] < 1) return 'competition outweighs concentration';
  if (bounds === null)
    return ratio >= 1 ? 'concentration is the larger pole here' : 'competition is the larger pole here';
  return 'neither pole clearly outweighs the other';
}

function apart(a: Interval, b: Interval): boolean | null {
  if (a === null || b === null) return null;
  return a[1] < b[0] || b[1] < a[0];
}

function compares(one: Result, other: Result): string {
  const a = one.summary;
  const b = other.summary;
  if (a.gd_ratio === null || b.gd_ratio === null) return `${poles(one)} ${poles(other)}`;
  const [high, low] = a.gd_ratio >= b.gd_ratio ? [one, other] : [other, one];
  const top = high.summary.gd_ratio ?? 0;
  const bottom = low.summary.gd_ratio ?? 0;
  const head = `${high.model.name}’s GD_ratio is ${withInterval(top, high.summary.gd_ratio_ci)}`;
  const tail = `${low.model.name}’s ${withInterval(bottom, low.summary.gd_ratio_ci)}`;
  const separate = apart(a.gd_ratio_ci, b.gd_ratio_ci);
  const times =
    bottom > 0 && sig3(top / bottom) !== '1.00' ? `, ${sig3(top / bottom)} times ${tail}` : `, ${tail}`;
  if (separate === true) return `${head}${times}.`;
  if (separate === false)
    return `${head}, ${tail}; the intervals overlap, so this text does not tell them apart.`;
  return `${head}${times}.`;
}

function finite(values: (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

function settlesRange(results: readonly Result[]): string {
  const depths = finite(
    results.map(({ summary, model }) =>
      summary.commit.mean === null ? null : summary.commit.mean / model.layers,
    ),
  );
  if (depths.length < results.length) return 'Not every model has a finite commitment on this text.';
  const low = Math.min(...depths);
  const high = Math.max(...depths);
  return `On average the ${results.length} models settle on their next token between ${sig3(low * 100)}% and ${sig3(high * 100)}% of their depth.`;
}

function ratioRange(results: readonly Result[]): string {
  const ranked = results
    .filter((result) => result.summary.gd_ratio !== null)
    .sort((a, b) => (a.summary.gd_ratio ?? 0) - (b.summary.gd_ratio ?? 0));
  const low = ranked[0];
  const high = ranked.at(-1);
  if (low === undefined || high === undefined) return 'No GD_ratio has a finite value on this text.';
  return (
    `GD_ratio runs from ${withInterval(low.summary.gd_ratio ?? 0, low.summary.gd_ratio_ci)} for ${low.model.name} ` +
    `to ${withInterval(high.summary.gd_ratio ?? 0, high.summary.gd_ratio_ci)} for ${high.model.name}.`
  );
}

/** "14 positions" where the models agree on the tokens, "positions" where they do not. */
function positions(results: readonly Result[]): string {
  const counts = new Set(results.map(({ tokens }) => tokens.length));
  return counts.size === 1 ? plural(results[0]?.tokens.length ?? 0, 'position') : 'positions';
}

function caveats(results: readonly Result[]): string[] {
  const notes: string[] = [];
  if (results.length === 2) notes.push('No two-cluster verdict from two models.');
  if (results.some(({ summary }) => summary.gd_ratio_ci === null))
    notes.push('One position only, so there are no intervals.');
  else notes.push(`In brackets: 95% bootstrap intervals over the ${positions(results)} of this one text.`);
  for (const { model, summary, settings, tokens } of results) {
    if (summary.nonfinite > 0)
      notes.push(
        `${model.name} has ${summary.nonfinite} points that are not finite numbers: its file may be damaged.`,
      );
    if (summary.left_out !== undefined && summary.left_out > 0)
      notes.push(
        `${model.name} has no token for ${plural(summary.left_out, 'byte')} of the text; they were left out.`,
      );
    if (settings.cut_from !== null && settings.cut_from > 0)
      notes.push(`${model.name} read the first ${tokens.length} of ${settings.cut_from} tokens.`);
  }
  return notes;
}
