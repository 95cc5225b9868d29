import { type KubeObject, keyText, type ObjectKey, type ObjectMeta, type ResourceType } from '@gitops-toolkit/api';
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
        informer = informers.informer<KubeObject>(type, { labelSelector, metadataOnly: true });
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
