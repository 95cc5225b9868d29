/** Kinds and objects that tests use. */
import type { ResourceType, UnstructuredObject } from '@gitops-toolkit/api';

export const configMaps: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

export const namespaces: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};

export function configMap(name: string, resourceVersion: number, rest: Record<string, unknown> = {}) {
  const object: UnstructuredObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'apps', uid: `uid-${name}`, resourceVersion: String(resourceVersion) },
    ...rest,
  };
  return object;
}

export function configMapList(items: UnstructuredObject[], resourceVersion: number, next?: string) {
  const bare = items.map(({ apiVersion: _, kind: __, ...rest }) => rest);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMapList',
    metadata: { resourceVersion: String(resourceVersion), continue: next },
    items: bare,
  };
}
