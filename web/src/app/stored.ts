/**
 * What the store gives, as the engine takes it; and whether the store holds anything: remembered, so that a page without
 * stored models starts no worker to learn it.
 */
import type { Fetched } from '../download/protocol.ts';
import type { ModelSource } from '../engine/protocol.ts';

const KEY = 'logitscope-stored';

export function fetchedSource({ key, name, blob, handle, sha256 }: Fetched): ModelSource {
  return { key, name, blob, handle, sha256, vouched: sha256 !== null };
}

export function hasStored(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

export function rememberStored(any: boolean): void {
  try {
    if (any) localStorage.setItem(KEY, 'yes');
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is refused here; the panel asks the store when it is opened.
  }
}
