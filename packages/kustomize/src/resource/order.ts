import { type Gvk, type ResourceId } from './id.ts';

/** Kinds that others depend on come first (KZE-923). */
export const ORDER_FIRST: readonly string[] = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];

/** Kinds that may reject others come last (KZE-923). */
export const ORDER_LAST: readonly string[] = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** The rank of every listed kind; kinds not listed rank 0, between the first and the last ones. */
export function kindRanks(first: readonly string[], last: readonly string[]): Map<string, number> {
  const ranks = new Map<string, number>();
  first.forEach((kind, i) => ranks.set(kind, i - first.length));
  last.forEach((kind, i) => ranks.set(kind, i + 1));
  return ranks;
}

const DEFAULT_RANKS = kindRanks(ORDER_FIRST, ORDER_LAST);

/** Order by kind rank, then by group, version and kind (KZE-921). */
export function compareGvk(a: Gvk, b: Gvk, ranks: Map<string, number> = DEFAULT_RANKS): number {
  const byRank = (ranks.get(a.kind) ?? 0) - (ranks.get(b.kind) ?? 0);
  return byRank !== 0 ? byRank : compareText(sortText(a), sortText(b));
}

function sortText(gvk: Gvk): string {
  return `${gvk.group || '~G'}_${gvk.version || '~V'}_${gvk.kind || '~K'}`;
}

/** Byte order of UTF-8 texts. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  // UTF-16 order differs from byte order only where surrogates meet U+E000 and above.
  return /[\ud800-\uffff]/.test(a + b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1;
}

/** The legacy order of whole objects (KZE-921, KZE-922). */
export function compareIds(a: ResourceId, b: ResourceId, ranks: Map<string, number>): number {
  if (a.group === b.group && a.version === b.version && a.kind === b.kind) return compareText(tieText(a), tieText(b));
  const byGvk = compareGvk(a, b, ranks);
  const namespaces = a.kind === 'Namespace' && b.kind === 'Namespace';
  return namespaces && (a.group === '') !== (b.group === '') ? -byGvk : byGvk;
}

function tieText(id: ResourceId): string {
  const gvk = `${id.kind || '[noKind]'}.${id.version || '[noVer]'}.${id.group || '[noGrp]'}`;
  return `${gvk}|${id.namespace || '~X'}|${id.name || '~N'}`;
}
