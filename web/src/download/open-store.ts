/** The best place for models that this browser has. */
import { CacheStore } from './store-cache.ts';
import { MemoryStore } from './store-memory.ts';
import { OpfsStore } from './store-opfs.ts';
import type { Store } from './store.ts';

/** A private window may have the functions and refuse to use them. */
export async function openStore(): Promise<Store> {
  const files = (self as { FileSystemFileHandle?: typeof FileSystemFileHandle }).FileSystemFileHandle;
  if (files !== undefined && 'createSyncAccessHandle' in files.prototype) {
    const store = await OpfsStore.open().catch(() => null);
    if (store !== null) return store;
  }
  if ('caches' in self) {
    const store = await CacheStore.open().catch(() => null);
    if (store !== null) return store;
  }
  return new MemoryStore();
}
