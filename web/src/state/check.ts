/** A model held against published values: which values, and the outcome in words. */
import type { Verification } from '@core';
import type { AppState, ModelEntry } from './app.ts';
import { sig3, visible } from './format.ts';

/** A check that goes on, 0..1, or its outcome. */
export type Check = { readonly fraction: number } | Verification;

export function isOutcome(check: Check): check is Verification {
  return 'schema' in check;
}

export function withCheck(state: AppState, id: string, check: Check | null): AppState {
  const checks = new Map(state.checks);
  if (check === null) checks.delete(id);
  else checks.set(id, check);
  return { ...state, checks };
}

/** Of `names`, the one that this model goes by: in links, on the Hub without its owner, or in its file. */
export function knownAs(
  { link, name }: Pick<ModelEntry, 'link' | 'name'>,
  names: readonly string[],
): string | null {
  const hub = link === null ? null : (/^(?:[^/]+\/)?([^@:~]+)/.exec(link)?.[1] ?? null);
  const own = [link, hub, name].flatMap((one) => (one === null ? [] : [one.toLowerCase()]));
  return names.find((known) => own.includes(known)) ?? null;
}

export function verdictLine(outcome: Verification): string {
  const { pass, grid_model: model, top1, top1_bound, mean, mean_bound, cells } = outcome;
  const head = pass
    ? `Agrees with published values of ${model}`
    : `Does not agree with published values of ${model}`;
  if (top1 === null || mean === null)
    return `${head}: ${outcome.same_ids} of ${outcome.prompts} texts have the same tokens.`;
  return (
    `${head}: same first choice at ${share(top1)} of ${cells} points (at least ${share(top1_bound)}), ` +
    `mean difference ${sig3(mean)} (at most ${sig3(mean_bound)}).`
  );
}

function share(part: number): string {
  return `${sig3(part * 100)}%`;
}

export function worstLine({ worst, largest, largest_bound }: Verification): string | null {
  if (worst === null) return null;
  const { text, layer, position, token_text: token, expected, measured } = worst;
  const found = measured === null ? 'no number' : sig3(measured);
  const bound =
    largest === null
      ? ''
      : ` The largest difference is ${sig3(largest)}, at most ${sig3(largest_bound)} is expected.`;
  return `Worst cell: layer ${layer}, position ${position} of “${text}”, token ${visible(token)}: published ${sig3(expected)}, measured ${found}.${bound}`;
}
