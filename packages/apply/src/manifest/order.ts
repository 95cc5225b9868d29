import { gvkOf, type GroupVersionKind, type KubeObject, type ObjectKey } from '@gitops-toolkit/api';

const first = [
  'CustomResourceDefinition',
  'Namespace',
  'ClusterRole',
  'ClusterClass',
  'RuntimeClass',
  'PriorityClass',
  'StorageClass',
  'VolumeSnapshotClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRoleBinding',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

const rank = new Map<string, number>([
  ...first.map((kind, index): [string, number] => [kind, index - first.length]),
  ...last.map((kind, index): [string, number] => [kind, index + 1]),
]);

/** Order in which objects of a stage are applied (KUS-233): rank of the kind, then group, kind, namespace, name. */
export function compareRefs(
  a: { type: GroupVersionKind; key: ObjectKey },
  b: { type: GroupVersionKind; key: ObjectKey },
): number {
  return (
    (rank.get(a.type.kind) ?? 0) - (rank.get(b.type.kind) ?? 0) ||
    compareText(a.type.group, b.type.group) ||
    compareText(a.type.kind, b.type.kind) ||
    compareText(a.key.namespace ?? '', b.key.namespace ?? '') ||
    compareText(a.key.name, b.key.name)
  );
}

/** Objects in the order of KUS-233. */
export function sortObjects<T extends KubeObject>(objects: readonly T[]): T[] {
  return objects
    .map((object) => ({ object, type: gvkOf(object), key: object.metadata }))
    .sort(compareRefs)
    .map(({ object }) => object);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The stages of an apply; those with a name are waited for (§5.11.2). */
export type Stage = { name?: 'definitions' | 'classes'; objects: KubeObject[] };

/**
 * Divides objects into stages, each in order: definitions (CRDs, Namespaces, ClusterRoles), kinds whose name ends in
 * `Class`, kinds of `customKinds`, the rest (KUS-232). Empty stages are left out.
 *
 * @param customKinds `group/Kind` each; core kinds as `/Kind` or `Kind`.
 */
export function stagesOf(objects: readonly KubeObject[], customKinds: readonly string[] = []): Stage[] {
  const custom = new Set(customKinds.map((kind) => (kind.includes('/') ? kind : `/${kind}`)));
  const definitions: KubeObject[] = [];
  const classes: KubeObject[] = [];
  const own: KubeObject[] = [];
  const rest: KubeObject[] = [];
  for (const object of sortObjects(objects)) {
    const { group, kind } = gvkOf(object);
    if (isDefinition(group, kind)) definitions.push(object);
    else if (kind.endsWith('Class')) classes.push(object);
    else if (custom.has(`${group}/${kind}`)) own.push(object);
    else rest.push(object);
  }
  const stages: Stage[] = [
    { name: 'definitions', objects: definitions },
    { name: 'classes', objects: classes },
    { objects: own },
    { objects: rest },
  ];
  return stages.filter((stage) => stage.objects.length > 0);
}

function isDefinition(group: string, kind: string): boolean {
  return (
    (group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition') ||
    (group === '' && kind === 'Namespace') ||
    (group === 'rbac.authorization.k8s.io' && kind === 'ClusterRole')
  );
}
