/** Built-in kinds as the server's resources. */
import { allVerbs, type Resource, type Verb } from '../resource/resource.ts';
import { checkMetadata, checkMetadataUpdate } from '../object/names.ts';
import { builtinColumns } from '../table/builtin.ts';
import { decodeBuiltin } from './decode.ts';
import { defaultsOf } from './defaults/index.ts';
import { builtinKinds, type KindRow } from './kinds.ts';
import { builtinSchema } from './schemas.ts';
import { validationOf } from './validation/index.ts';

const workloadScale = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

export function builtinResources(): Resource[] {
  return builtinKinds().map(builtinResource);
}

function builtinResource(row: KindRow): Resource {
  const slash = row.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : row.apiVersion.slice(0, slash);
  const version = row.apiVersion.slice(slash + 1);
  const id = `${group}/${row.kind}`;
  const checkName = row.checkName!;
  const setDefaults = defaultsOf(id);
  const validation = validationOf(id);
  return {
    group,
    version,
    apiVersion: row.apiVersion,
    kind: row.kind,
    listKind: `${row.kind}List`,
    plural: row.plural,
    singular: row.kind.toLowerCase(),
    namespaced: row.namespaced,
    shortNames: row.short ?? [],
    categories: row.categories ?? [],
    verbs: row.kind === 'Namespace' ? allVerbs.filter((verb: Verb) => verb !== 'deletecollection') : allVerbs,
    collection: `${group}/${row.plural}`,
    // Resolved when first needed: most kinds never are.
    get shape() {
      return builtinSchema(row.apiVersion, row.kind);
    },
    custom: false,
    status: row.status ?? false,
    scale: row.scale ? workloadScale : undefined,
    generation: row.generation ?? false,
    unconditionalUpdate: !['PodDisruptionBudget', 'Lease'].includes(row.kind),
    columns: builtinColumns(id),
    checkName,
    decode(object) {
      return decodeBuiltin(this.shape!, object, row.kind, version);
    },
    setDefaults,
    validate: (object, old) => [
      ...checkMetadata(object, {
        namespaced: row.namespaced,
        checkName,
        anyFinalizer: group === 'apiextensions.k8s.io',
      }),
      ...(old ? checkMetadataUpdate(object, old) : []),
      ...(validation?.(object, old) ?? []),
    ],
  };
}
