/** How links name models of the Hub: `owner/name[/file.gguf][@revision][~type]`, which the field reads as well. */
import type { Reference, StoredAs } from '../download/protocol.ts';

export type HubReference = Extract<Reference, { kind: 'hub' }>;

export const STORED_AS: readonly StoredAs[] = ['q8_0', 'f16', 'f32'];
export const DEFAULT_STORED_AS: StoredAs = 'q8_0';

/** Null for anything that a link cannot bring back. The type is left out where it is the default, or the file's own. */
export function linkOf(reference: Reference | null, storedAs: StoredAs): string | null {
  if (reference?.kind !== 'hub') return null;
  const { id, revision, file } = reference;
  const type = storedAs === DEFAULT_STORED_AS || file !== null ? '' : `~${storedAs}`;
  return `${id}${file === null ? '' : `/${file}`}${revision === null ? '' : `@${revision}`}${type}`;
}

/** The name without its type, and the type. */
export function splitLink(link: string): { name: string; storedAs: StoredAs } | null {
  const [name = '', type, ...rest] = link.split('~');
  const storedAs = type === undefined ? DEFAULT_STORED_AS : STORED_AS.find((known) => known === type);
  return storedAs === undefined || rest.length > 0 ? null : { name, storedAs };
}
