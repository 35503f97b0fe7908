/** The models of the catalogue that are fetched on demand. */
import catalogue from '../../../models/catalogue.json';
import type { Remote } from '../state/library.ts';

type CatalogueRemote = (typeof catalogue.hub)[number];

export const REMOTES: readonly Remote[] = catalogue.hub.map(remoteFrom);

function remoteFrom({ hub, mirror, arch, ...model }: CatalogueRemote): Remote {
  const sizes = hub.files.map(({ bytes }) => bytes);
  const { id, name, layers, parameters, context, licence, restriction } = model;
  return {
    id,
    name,
    family: arch,
    reference: { kind: 'hub', id: hub.id, revision: hub.revision, file: null },
    layers,
    parameters,
    context,
    licence,
    restriction,
    gated: hub.gated,
    mirror: mirror === null ? null : { kind: 'hub', id: mirror.id, revision: mirror.revision, file: null },
    download: sizes.every((size) => size !== null) ? sizes.reduce((sum, size) => sum + size, 0) : null,
  };
}
