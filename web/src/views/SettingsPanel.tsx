import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { changeSettings } from '../app/reclassify.ts';
import {
  changedFields,
  DEFAULTS,
  FIELDS,
  withField,
  type Amount,
  type Field,
  type Settings,
} from '../state/settings.ts';
import { FailureNotes } from './FailureNote.tsx';
import { usePage, useSelect } from './hooks.ts';

export function SettingsPanel(): JSX.Element {
  const page = usePage();
  const settings = useSelect((state) => state.settings);
  const stale = useSelect((state) => state.stale);
  const changed = changedFields(settings);
  return (
    <details class="settings">
      <summary>
        Settings<span class="settings-now">{summarise(settings, changed)}</span>
      </summary>
      <div class="fields">
        {FIELDS.map((field) => (
          <FieldRow key={field.key} field={field} settings={settings} />
        ))}
      </div>
      <p class="note">
        Thresholds and operator reclassify a finished run at once; another lens is read again from the kept
        residual stream.{' '}
        {changed.length > 0 && (
          <button
            type="button"
            class="small"
            onClick={() => {
              changeSettings(page, DEFAULTS);
            }}
          >
            Back to the defaults
          </button>
        )}
      </p>
      {stale && (
        <p class="note strong">These settings are not applied to the result below yet: press Analyze.</p>
      )}
      <FailureNotes place="settings" />
    </details>
  );
}

function summarise(settings: Settings, changed: readonly Field[]): string {
  if (changed.length === 0)
    return `defaults: ${settings.lens} lens, ${settings.operator} operator, from layer ${settings.from_layer}`;
  return `changed: ${changed.map(({ key, label }) => `${label.toLowerCase()} ${settings[key]}`).join(', ')}`;
}

interface RowProps {
  readonly field: Field;
  readonly settings: Settings;
}

function FieldRow({ field, settings }: RowProps): JSX.Element {
  const id = `setting-${field.key}`;
  return (
    <div class="field">
      <label for={id}>{field.label}</label>
      {field.kind === 'choice' ? (
        <ChoiceInput id={id} field={field} settings={settings} />
      ) : (
        <AmountInput key={settings[field.key]} id={id} field={field} settings={settings} />
      )}
      <p id={`${id}-why`}>
        {field.why} Default: {DEFAULTS[field.key]}.
      </p>
    </div>
  );
}

function ChoiceInput({ id, field, settings }: RowProps & { readonly id: string }): JSX.Element | null {
  const page = usePage();
  if (field.kind !== 'choice') return null;
  return (
    <select
      id={id}
      aria-describedby={`${id}-why`}
      value={settings[field.key]}
      onChange={(event) => {
        const next = withField(settings, field, event.currentTarget.value);
        if (next !== null) changeSettings(page, next);
      }}
    >
      {field.options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  );
}

function AmountInput({
  id,
  field,
  settings,
}: {
  id: string;
  field: Amount;
  settings: Settings;
}): JSX.Element {
  const page = usePage();
  const [wrong, setWrong] = useState(false);
  return (
    <>
      <input
        id={id}
        type="number"
        aria-describedby={`${id}-why`}
        aria-invalid={wrong}
        min={field.min}
        max={field.max}
        step={field.step}
        defaultValue={String(settings[field.key])}
        onChange={(event) => {
          const next = withField(settings, field, event.currentTarget.value);
          setWrong(next === null);
          if (next !== null) changeSettings(page, next);
        }}
      />
      {wrong && (
        <p class="field-wrong" role="alert">
          {rangeSentence(field)}
        </p>
      )}
    </>
  );
}

function rangeSentence({ min, max, open, whole }: Amount): string {
  if (open === true) return `A number between ${min} and ${max}, ends excluded.`;
  return `A ${whole === true ? 'whole ' : ''}number from ${min} to ${max}.`;
}
