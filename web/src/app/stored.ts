/** Whether the store holds anything: remembered, so that a page without stored models starts no worker to learn it. */

const KEY = 'logitscope-stored';

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
