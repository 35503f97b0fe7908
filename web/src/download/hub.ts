/**
 * The Hub's HTTP interface, as far as it is needed: what is in a repository at a revision, and where its files are.
 * GET {endpoint}/api/models/{id}/revision/{revision}?blobs=true gives the commit and each file's size and LFS hash;
 * {endpoint}/{id}/resolve/{commit}/{file} is the file, by a redirect to a CDN where it is large.
 */
import { EngineError } from '../engine/protocol.ts';
import type { Access } from './access.ts';
import type { Reference } from './protocol.ts';
import { RemoteFile } from './remote.ts';

export interface Repository {
  readonly id: string;
  /** The full commit that the revision named when it was looked up. */
  readonly commit: string;
  readonly licence: string | null;
  /** The files that the reference means, others of the same folder among them. */
  readonly files: readonly RemoteFile[];
}

interface Sibling {
  readonly rfilename: string;
  readonly size: number;
  readonly sha256: string | null;
}

export async function lookUp(
  access: Access,
  { id, revision, file }: Extract<Reference, { kind: 'hub' }>,
): Promise<Repository> {
  const { endpoint } = access;
  const url = `${endpoint}/api/models/${id}/revision/${encodeURIComponent(revision ?? 'main')}?blobs=true`;
  const info = await access.patiently(async () => {
    const response = await access.request(url);
    return response.json().catch(() => null) as Promise<unknown>;
  });
  const facts = isRecord(info) ? info : {};
  const siblings = readSiblings(facts.siblings);
  if (typeof facts.sha !== 'string' || !/^[0-9a-f]{40}$/.test(facts.sha) || siblings.length === 0)
    throw new EngineError(
      'bad-answer',
      `${new URL(url).host} says nothing usable about “${id}”; try again later.`,
    );
  const commit = facts.sha;
  const files = meantFiles(id, siblings, file).map(
    ({ rfilename, size, sha256 }) =>
      new RemoteFile(access, {
        name: rfilename.split('/').at(-1) ?? '',
        url: `${endpoint}/${id}/resolve/${commit}/${rfilename.split('/').map(encodeURIComponent).join('/')}`,
        size,
        sha256,
      }),
  );
  return { id, commit, licence: readLicence(facts.cardData), files };
}

/** A lone surrogate can be part of no address. */
function readSiblings(value: unknown): Sibling[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).flatMap(({ rfilename, size, lfs }) => {
    if (typeof rfilename !== 'string' || /\p{Cs}/u.test(rfilename)) return [];
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return [];
    const sha256 = isRecord(lfs) && typeof lfs.sha256 === 'string' ? lfs.sha256 : null;
    return [{ rfilename, size, sha256: sha256 !== null && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null }];
  });
}

/** "other" has its name beside it. */
function readLicence(card: unknown): string | null {
  if (!isRecord(card)) return null;
  const licence: unknown = Array.isArray(card.license) ? card.license[0] : card.license;
  if (licence === 'other' && typeof card.license_name === 'string') return card.license_name;
  return typeof licence === 'string' ? licence : null;
}

/** A .gguf with its shards, or the top folder: its safetensors, or the only .gguf that there is. */
function meantFiles(id: string, siblings: readonly Sibling[], file: string | null): readonly Sibling[] {
  if (file !== null) {
    const series = shardSeries(file);
    const meant = siblings.filter(({ rfilename }) => rfilename === file || shardSeries(rfilename) === series);
    if (meant.length > 0) return meant;
    throw new EngineError('not-found', `“${id}” has no “${file}” in this revision.`);
  }
  const top = siblings.filter(({ rfilename }) => !rfilename.includes('/'));
  const ggufs = top.filter(({ rfilename }) => /\.gguf$/i.test(rfilename));
  if (ggufs.length === 0 || top.some(({ rfilename }) => rfilename.endsWith('.safetensors')))
    return top.filter((sibling) => !ggufs.includes(sibling));
  const models = new Set(ggufs.map(({ rfilename }) => shardSeries(rfilename)));
  if (models.size === 1) return ggufs;
  const names = ggufs.slice(0, 6).map(({ rfilename }) => rfilename);
  throw new EngineError(
    'several',
    `“${id}” holds several models; add the name of one, such as ${id}:${names[0] ?? ''} (there are ${names.join(', ')}${ggufs.length > names.length ? ', ...' : ''}).`,
  );
}

/** Names of shards of one file are alike but for their number. */
function shardSeries(name: string): string {
  return name.replace(/-\d{5}-of-(\d{5}\.gguf)$/i, '-of-$1');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
