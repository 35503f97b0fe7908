/** The models that links name: by an id of the catalogue, or as models of the Hub. */
import { parseReference } from '../download/reference.ts';
import type { Reference, StoredAs } from '../download/protocol.ts';
import { EngineError } from '../engine/protocol.ts';
import { linkName, type Remote } from '../state/library.ts';
import { splitLink, STORED_AS } from '../state/links.ts';

export interface Named {
  readonly reference: Exclude<Reference, { kind: 'files' }>;
  readonly storedAs: StoredAs;
}

/** What a link or a person wrote; throws EngineError where that is no reference. */
export function fromLink(written: string, endpoint: string): Named {
  const address = /^https?:/i.test(written);
  const split = address ? { name: written, storedAs: 'q8_0' as const } : splitLink(written);
  if (split === null)
    throw new EngineError('bad-reference', `“${written}” names no type of weights: ${STORED_AS.join(', ')}.`);
  return { reference: parseReference(split.name, endpoint), storedAs: split.storedAs };
}

/** One name for each model that a link can name; null for what no link may name. Other servers are not taken from links. */
export function canonicalName(name: string, remotes: readonly Remote[]): string | null {
  if (remotes.some(({ id }) => id === name)) return name;
  if (!/^[^/:]+\/[^:]+$/.test(name)) return null;
  try {
    return linkName(fromLink(name, ''), remotes);
  } catch (error) {
    if (error instanceof EngineError) return null;
    throw error;
  }
}
