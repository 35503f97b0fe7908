/**
 * The view in the URL fragment: models, text, settings. A link is untrusted input, so it is bounded before it is
 * looked at, read by fixed names only, and every value goes through the same check as a typed one.
 */
import { oneLine } from './format.ts';
import { DEFAULTS, FIELDS, withField, type Settings } from './settings.ts';

export const FRAGMENT_LIMIT = 8192;
const VERSION = '1';
const MODELS_LIMIT = 16;

export interface LinkedView {
  readonly models: readonly string[];
  readonly text: string | null;
  readonly settings: Settings;
}

export type FragmentReading =
  | { readonly kind: 'empty' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'view'; readonly view: LinkedView; readonly notes: readonly string[] };

/** The fragment without '#', or null when it would pass the limit (the text is then left out by the caller). */
export function writeFragment(view: LinkedView): string | null {
  const parts: [string, string][] = [['v', VERSION]];
  if (view.models.length > 0) parts.push(['m', view.models.join(',')]);
  if (view.text !== null) parts.push(['t', view.text]);
  for (const { key } of FIELDS) {
    if (view.settings[key] !== DEFAULTS[key]) parts.push([key, String(view.settings[key])]);
  }
  const written = parts.map(([key, value]) => `${key}=${encodeURIComponent(toWellFormed(value))}`).join('&');
  return written.length <= FRAGMENT_LIMIT ? written : null;
}

/** A lone surrogate cannot be written as UTF-8. */
function toWellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\uFFFD');
}

/** `isModel` tells whether a name is one that a link may give a model. */
export function readFragment(fragment: string, isModel: (name: string) => boolean): FragmentReading {
  const bare = fragment.startsWith('#') ? fragment.slice(1) : fragment;
  if (bare === '') return { kind: 'empty' };
  if (bare.length > FRAGMENT_LIMIT)
    return refused(`This link is ${bare.length} characters long; a link holds at most ${FRAGMENT_LIMIT}.`);
  const fields = split(bare);
  if (fields === null) return refused('This link is damaged: part of it is not valid text.');
  const version = fields.get('v');
  if (version === undefined)
    return refused('This link does not say which version it is, so it was not read.');
  if (version !== VERSION)
    return refused(`This link is of version “${version.slice(0, 20)}”; this page reads version ${VERSION}.`);
  return readView(fields, isModel);
}

function refused(reason: string): FragmentReading {
  return { kind: 'refused', reason: oneLine(reason) };
}

function split(bare: string): Map<string, string> | null {
  const fields = new Map<string, string>();
  for (const part of bare.split('&')) {
    const at = part.indexOf('=');
    if (at < 1) return null;
    try {
      fields.set(part.slice(0, at), decodeURIComponent(part.slice(at + 1)));
    } catch {
      return null;
    }
  }
  return fields;
}

function readView(fields: Map<string, string>, isModel: (name: string) => boolean): FragmentReading {
  const notes: string[] = [];
  const asked = (fields.get('m') ?? '').split(',').filter((id) => id !== '');
  const models = [...new Set(asked)].filter(isModel).slice(0, MODELS_LIMIT);
  if (models.length < asked.length) notes.push('The link names a model that this page cannot find.');
  let settings = DEFAULTS;
  for (const field of FIELDS) {
    const text = fields.get(field.key);
    if (text === undefined) continue;
    const next = withField(settings, field, text);
    if (next === null)
      notes.push(`The link’s value for “${field.label}” is out of range; the default is used.`);
    else settings = next;
  }
  return { kind: 'view', view: { models, text: fields.get('t') ?? null, settings }, notes };
}
