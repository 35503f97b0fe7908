/** Settings of a measurement: defaults, ranges and the one-line explanation shown beside each. */
import type { Settings } from '@core';

export type { Settings };

export const DEFAULTS: Settings = {
  lens: 'normed',
  operator: 'mass-margin',
  from_layer: 1,
  step_rule: 'relative',
  step_quantile: 0.75,
  step_absolute: 0.5,
  branch_p2: 0.01,
  branch_ratio: 0.5,
  sinks: 0,
  window: 0,
};

interface Common {
  readonly key: keyof Settings;
  readonly label: string;
  readonly why: string;
}
export interface Choice extends Common {
  readonly kind: 'choice';
  readonly options: readonly string[];
}
export interface Amount extends Common {
  readonly kind: 'amount';
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The ends themselves are not allowed. */
  readonly open?: boolean;
  readonly whole?: boolean;
}
export type Field = Choice | Amount;

export const FIELDS: readonly Field[] = [
  {
    kind: 'choice',
    key: 'lens',
    label: 'Lens',
    options: ['normed', 'raw'],
    why: 'How a residual vector becomes a distribution: through the model’s final norm, or without it below the output.',
  },
  {
    kind: 'choice',
    key: 'operator',
    label: 'Operator',
    options: ['mass-margin', 'top-ratio', 'entropic'],
    why: 'Which pair of quantities stands for the poles G (concentration) and D (competition).',
  },
  {
    kind: 'amount',
    key: 'from_layer',
    label: 'From layer',
    min: 0,
    max: 1024,
    step: 1,
    whole: true,
    why: 'First layer that enters the means; 0 includes the embedding.',
  },
  {
    kind: 'choice',
    key: 'step_rule',
    label: 'Step rule',
    options: ['relative', 'absolute'],
    why: 'Turbulent means a step above a quantile of the model’s own steps, or above a fixed length.',
  },
  {
    kind: 'amount',
    key: 'step_quantile',
    label: 'Step quantile',
    min: 0,
    max: 1,
    step: 0.05,
    open: true,
    why: 'The quantile, under the relative rule.',
  },
  {
    kind: 'amount',
    key: 'step_absolute',
    label: 'Step length',
    min: 0,
    max: 2,
    step: 0.05,
    why: 'The fixed length, under the absolute rule. Steps run from 0 to 2.',
  },
  {
    kind: 'amount',
    key: 'branch_p2',
    label: 'Least p2',
    min: 0,
    max: 1,
    step: 0.01,
    why: 'Branching needs a runner-up at least this probable.',
  },
  {
    kind: 'amount',
    key: 'branch_ratio',
    label: 'Least p2 / p1',
    min: 0,
    max: 1,
    step: 0.05,
    why: 'Branching needs a runner-up at least this close to the leader.',
  },
  {
    kind: 'amount',
    key: 'window',
    label: 'Window',
    min: 0,
    max: 2 ** 24,
    step: 1,
    whole: true,
    why: 'A token sees this many tokens, itself and those before it; 0: as the model was made. For rotary models.',
  },
  {
    kind: 'amount',
    key: 'sinks',
    label: 'Sinks',
    min: 0,
    max: 2 ** 24,
    step: 1,
    whole: true,
    why: 'With a window, this many tokens at the beginning stay visible (attention sinks).',
  },
];

function amountAllowed(field: Amount, value: number): boolean {
  if (!Number.isFinite(value) || (field.whole && !Number.isInteger(value))) return false;
  if (field.open && (value <= field.min || value >= field.max)) return false;
  return value >= field.min && value <= field.max;
}

/** A copy of `settings` with one field read from text; null where the text is not allowed there. */
export function withField(settings: Settings, field: Field, text: string): Settings | null {
  if (field.kind === 'choice') {
    return field.options.includes(text) ? { ...settings, [field.key]: text } : null;
  }
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return amountAllowed(field, value) ? { ...settings, [field.key]: value } : null;
}

export function changedFields(settings: Settings): Field[] {
  return FIELDS.filter((field) => settings[field.key] !== DEFAULTS[field.key]);
}

/** Whether going from one to the other needs passes through the model again, or only a new reading of them. */
export function needsPass(before: Settings, after: Settings): boolean {
  return before.lens !== after.lens || before.sinks !== after.sinks || before.window !== after.window;
}
