/** Whole downloads from the test hub in Node, and what they must give. */
import { expect } from 'vitest';
import { Downloads, type Context } from '@web/download/job.ts';
import type { Fetched, Offer, Reference } from '@web/download/protocol.ts';
import type { Store } from '@web/download/store.ts';
import { memorySource } from '@web/import/bytes.ts';
import { planImport } from '@web/import/import.ts';
import type { TestHub } from '../../hub/hub.ts';
import { sha256 } from '../../hub/repositories.ts';

/** As after a reload of the page: nothing is known but what the store holds. */
export function openDownloads(hub: TestHub, store: Store): Downloads {
  return new Downloads({ endpoint: hub.endpoint, store, pause: () => Promise.resolve() });
}

export const context = (more: Partial<Context> = {}): Context => ({
  token: null,
  signal: new AbortController().signal,
  ...more,
});
export const reference = (id: string, file: string | null = null): Reference => ({
  kind: 'hub',
  id,
  revision: null,
  file,
});

export async function hashOf({ blob }: Fetched): Promise<string> {
  return sha256(new Uint8Array(await blob.arrayBuffer()));
}

export interface Imported {
  readonly name?: string;
  /** Of the repository's files only those. */
  readonly only?: RegExp;
  /** Done to the weights before. */
  readonly change?: (bytes: Buffer) => Buffer;
}

/** SHA-256 of what the importer makes of a repository's files. */
export async function imported(
  hub: TestHub,
  id: string,
  { name, only = /./, change = (bytes) => bytes }: Imported = {},
): Promise<string> {
  const files = [...(hub.repositories.get(id)?.files ?? [])].filter(([file]) => only.test(file));
  const sources = files.map(([file, { bytes, lfs }]) =>
    memorySource(file, new Uint8Array(lfs ? change(bytes) : bytes)),
  );
  const plan = await planImport({
    files: sources,
    from: id,
    type: 'q8_0',
    name: name ?? id.replace('test/', ''),
  });
  const whole = new Uint8Array(plan.size);
  await plan.run({
    write: (offset, bytes) => {
      whole.set(bytes, offset);
    },
  });
  return sha256(whole);
}

/** Fetches about half of a model and cancels. */
export async function fetchHalf(
  downloads: Downloads,
  offer: Offer,
  more: Partial<Context> = {},
): Promise<void> {
  const stop = new AbortController();
  const fetching = downloads.fetch(
    offer.key,
    context({
      ...more,
      signal: stop.signal,
      onStep: ({ done, total }) => {
        if (done > total / 2) stop.abort(new Error('enough'));
      },
    }),
  );
  await expect(fetching).rejects.toThrow('enough');
}
