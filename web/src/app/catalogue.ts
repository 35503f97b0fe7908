/** The built-in models: what the catalogue says of them, and where the build put their files. */
import catalogue from '../../../models/catalogue.json';
import type { Download } from '../engine/download.ts';
import type { ModelEntry } from '../state/app.ts';

interface CatalogueModel {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly arch: string;
  readonly layers: number;
  readonly context: number;
  readonly parameters: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly licence: string;
  readonly corpus: string;
  readonly builtin: boolean;
}

const URLS = import.meta.glob<string>('../../../models/*.gguf', {
  query: '?url',
  import: 'default',
  eager: true,
});

const MODELS: readonly CatalogueModel[] = catalogue.models.filter((model) => model.builtin);

export function builtinEntries(): ModelEntry[] {
  return MODELS.map(({ id, name, bytes, layers, parameters, context, arch, corpus }) => ({
    id,
    name,
    origin: 'builtin',
    bytes,
    layers,
    parameters,
    context,
    note: `${arch}, ${corpus}`,
    link: id,
    opening: null,
  }));
}

export function builtinDownload(id: string): (Download & { sha256: string }) | null {
  const model = MODELS.find((candidate) => candidate.id === id);
  const url = model === undefined ? undefined : URLS[`../../../models/${model.file}`];
  if (model === undefined || url === undefined) return null;
  return { url, name: model.name, bytes: model.bytes, sha256: model.sha256 };
}
