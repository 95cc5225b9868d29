import {
  type KubeObject,
  keyText,
  type ObjectKey,
  type ObjectMeta,
  type ResourceType,
  type UnstructuredObject,
} from '@gitops-toolkit/api';
import { type Informer, type InformerCache, type KubeClient } from '@gitops-toolkit/kube';

/**
 * Tells the metadata of a live object, `managedFields` included, without asking for the object. The answer may be late,
 * which hides a change until the next call. Undefined means unknown, not absent.
 */
export interface LiveVersions {
  get(type: ResourceType, key: ObjectKey): ObjectMeta | undefined;
}

/**
 * Live metadata from shared informers that hold metadata only: one watch for each kind that was ever asked for, over
 * the objects with a certain label. The watch of a kind begins with the first question about it.
 *
 * @param labelSelector what applied objects have in common, for instance `kustomize.toolkit.fluxcd.io/name`.
 */
export function informedVersions(informers: InformerCache, labelSelector: string): LiveVersions {
  const byKind = new Map<string, Informer<KubeObject>>();
  return {
    get(type, key) {
      const name = `${type.kind}.${type.version}.${type.group}`;
      let informer = byKind.get(name);
      if (!informer) {
        informer = informers.informer<KubeObject>(type, { labelSelector, metadataOnly: true, transform: essentials });
        byKind.set(name, informer);
      }
      return informer.synced ? informer.get(key)?.metadata : undefined;
    },
  };
}

/** Live metadata from one metadata-only list for each kind and namespace of `refs`; for a single apply. */
export async function listedVersions(
  client: KubeClient,
  refs: readonly { type: ResourceType; key: ObjectKey }[],
  options: { labelSelector?: string; signal?: AbortSignal } = {},
): Promise<LiveVersions> {
  const groups = new Map(refs.map(({ type, key }) => [groupName(type, key), { type, namespace: key.namespace }]));
  const versions = new Map<string, ObjectMeta>();
  for (const [name, { type, namespace }] of groups) {
    const list = await client.list<KubeObject>(type, { ...options, namespace, metadataOnly: true });
    for (const { metadata } of list.items) versions.set(`${name}/${keyText(metadata)}`, metadata);
  }
  return { get: (type, key) => versions.get(`${groupName(type, key)}/${keyText(key)}`) };
}

function groupName(type: ResourceType, key: ObjectKey): string {
  return `${type.plural}.${type.version}.${type.group}/${key.namespace ?? ''}`;
}

/** Longest annotation kept; the marks that count are short. */
const maxAnnotation = 64;

/** What is read of the metadata of a live object; ten thousand of them are held. */
function essentials(object: UnstructuredObject): UnstructuredObject {
  const { name, namespace, uid, resourceVersion, labels, annotations, managedFields } = object.metadata;
  const short = ([key, value]: [string, string]) => [key, value.length > maxAnnotation ? '' : value];
  const metadata: ObjectMeta = {
    name,
    namespace,
    uid,
    resourceVersion,
    labels,
    annotations: annotations && Object.fromEntries(Object.entries(annotations).map(short)),
    // Of what is not applied, it counts that it is there.
    managedFields: managedFields
      ?.filter((entry) => !entry.subresource)
      .map((entry) => (entry.operation === 'Apply' ? entry : { ...entry, fieldsV1: {} })),
  };
  return { apiVersion: object.apiVersion, kind: object.kind, metadata };
}
