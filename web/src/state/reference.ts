/**
 * What a person typed or a link names, as a reference to a model. Hub references are written
 * `owner/name[@revision][:file.gguf][~stored as]`, in links and in the field alike.
 */
import type { Reference, StoredAs } from '../download/protocol.ts';
import { oneLine } from './format.ts';

export type HubReference = Extract<Reference, { kind: 'hub' }>;

export type ReferenceReading =
  | { readonly kind: 'reference'; readonly reference: Reference; readonly storedAs: StoredAs | null }
  | { readonly kind: 'refused'; readonly reason: string };

export const STORED_AS: readonly StoredAs[] = ['q8_0', 'f16', 'f32'];
export const DEFAULT_STORED_AS: StoredAs = 'q8_0';

const LONGEST = 512;
const HUB_HOSTS = ['huggingface.co', 'www.huggingface.co', 'hf.co'];
const WEIGHTS = /\.(?:gguf|safetensors|safetensors\.index\.json)$/i;
/** Pages of the Hub that are no model's. */
const NO_MODEL = ['datasets', 'spaces', 'docs', 'collections', 'papers', 'api', 'settings'];
/** The Hub's own rule for names: letters, digits, '-', '_' and '.', at most 96 characters, and an owner before a slash. */
const NAME = String.raw`[A-Za-z0-9][\w.-]{0,95}`;
const REVISION = String.raw`[\w.-]+(?:\/[\w.-]+)*`;
const HUB = new RegExp(
  String.raw`^(${NAME}(?:\/${NAME})?)(?:@(${REVISION}))?(?::([\w./-]+\.gguf))?(?:~([a-z0-9_]+))?$`,
);

/** `endpoint` is the origin that this page takes for the Hub. */
export function readReference(typed: string, endpoint: string): ReferenceReading {
  const text = typed.trim();
  if (text === '') return refused('The field is empty.');
  if (text.length > LONGEST)
    return refused(`What was typed has ${text.length} characters; ${LONGEST} are read.`);
  if (/^(?:hf\.co|huggingface\.co)\//.test(text)) return readReference(`https://${text}`, endpoint);
  if (/^[a-z]+:\/\//i.test(text)) return readAddress(text, endpoint);
  const match = HUB.exec(text);
  if (match === null || text.includes('..'))
    return refused(`“${text}” is neither a Hugging Face id (owner/name) nor an address.`);
  const [, id = '', revision, file, type] = match;
  const storedAs = STORED_AS.find((known) => known === type);
  if (type !== undefined && storedAs === undefined)
    return refused(`“${type}” is no type that weights are stored as: ${STORED_AS.join(', ')}.`);
  return {
    kind: 'reference',
    reference: { kind: 'hub', id, revision: revision ?? null, file: file ?? null },
    storedAs: storedAs ?? null,
  };
}

function refused(reason: string): ReferenceReading {
  return { kind: 'refused', reason: oneLine(reason) };
}

function readAddress(text: string, endpoint: string): ReferenceReading {
  const url = URL.parse(text);
  if (url === null || unescaped(text) === null)
    return refused(`“${text}” is not an address that can be read.`);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && url.hostname === 'localhost'))
    return refused(`“${text}” is not an https address.`);
  if (url.username !== '' || url.password !== '')
    return refused('This address holds a user name or a password, which a model’s address does not need.');
  const isHub = url.origin === endpoint || HUB_HOSTS.includes(url.hostname);
  const reference = isHub ? hubPage(url) : fileElsewhere(url);
  if (reference !== null) return { kind: 'reference', reference, storedAs: null };
  return refused(
    isHub
      ? `“${text}” is not the page of a model: that has the form ${url.host}/owner/name.`
      : `“${text}” does not end in .gguf, .safetensors or .safetensors.index.json.`,
  );
}

function fileElsewhere(url: URL): Reference | null {
  return WEIGHTS.test(url.pathname) ? { kind: 'url', url: url.href } : null;
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A page of the Hub: /owner/name, and below it /tree/revision or /blob/revision/file. */
function hubPage(url: URL): HubReference | null {
  const parts = (unescaped(url.pathname) ?? '').split('/').filter((part) => part !== '');
  const at = parts.findIndex((part) => ['tree', 'blob', 'resolve'].includes(part));
  const id = (at < 0 ? parts : parts.slice(0, at)).join('/');
  if (NO_MODEL.includes(parts[0] ?? '') || id.includes('..')) return null;
  if (!new RegExp(`^${NAME}(?:/${NAME})?$`).test(id)) return null;
  const below = at < 0 ? [] : parts.slice(at + 1);
  const revisionParts = below[0] === 'refs' ? 3 : 1;
  const file = below.slice(revisionParts).join('/');
  const revision = below.slice(0, revisionParts).join('/');
  return {
    kind: 'hub',
    id,
    revision: revision === '' || revision === 'main' ? null : revision,
    file: file.endsWith('.gguf') ? file : null,
  };
}

/** What a link says for a model of the Hub; null for anything that a link cannot bring back. */
export function linkOf(reference: Reference | null, storedAs: StoredAs): string | null {
  if (reference?.kind !== 'hub') return null;
  const { id, revision, file } = reference;
  const type = storedAs === DEFAULT_STORED_AS || file !== null ? '' : `~${storedAs}`;
  return `${id}${revision === null ? '' : `@${revision}`}${file === null ? '' : `:${file}`}${type}`;
}

/** A reference in a link; null where it is none. Addresses of other servers are not taken from a link. */
export function fromLink(text: string): { reference: HubReference; storedAs: StoredAs } | null {
  const reading = readReference(text, '');
  if (reading.kind !== 'reference' || reading.reference.kind !== 'hub') return null;
  return { reference: reading.reference, storedAs: reading.storedAs ?? DEFAULT_STORED_AS };
}
