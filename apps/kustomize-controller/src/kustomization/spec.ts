import { parseDuration, type Kustomization } from '@gitops-toolkit/api';

/** Shortest effective timeout in milliseconds (KUS-10). */
const minTimeoutMs = 30_000;

/** How long a step may take, in milliseconds: `spec.timeout`, else the interval less 30 s; never below 30 s (KUS-10). */
export function effectiveTimeoutMs({ spec }: Kustomization): number {
  const wanted = spec.timeout !== undefined ? parseDuration(spec.timeout) : parseDuration(spec.interval) - 30_000;
  return Math.max(wanted, minTimeoutMs);
}

/** How long after a failure the next run begins, in milliseconds (KUS-12). */
export function retryIntervalMs({ spec }: Kustomization): number {
  return parseDuration(spec.retryInterval ?? spec.interval);
}

/** What happens to the managed objects when the Kustomization is deleted (KUS-13, spec §5.14). */
export function deletionPolicy({ spec }: Kustomization): 'Delete' | 'WaitForTermination' | 'Orphan' {
  const policy = spec.deletionPolicy || 'MirrorPrune';
  if (policy === 'MirrorPrune') return spec.prune ? 'Delete' : 'Orphan';
  return policy as 'Delete' | 'WaitForTermination' | 'Orphan';
}

/** The source as messages name it: with its namespace only where the spec gives one (KUS-14). */
export function sourceText({ spec: { sourceRef } }: Kustomization): string {
  return [sourceRef.kind, sourceRef.namespace, sourceRef.name].filter(Boolean).join('/');
}

/** Namespace and name of the source (KUS-84). */
export function sourceKey({ spec: { sourceRef }, metadata }: Kustomization): { namespace: string; name: string } {
  return { namespace: sourceRef.namespace || metadata.namespace!, name: sourceRef.name };
}

/** Namespace and name of a dependency. */
export function dependencyKey(
  dependency: { name: string; namespace?: string },
  { metadata }: Kustomization,
): { namespace: string; name: string } {
  return { namespace: dependency.namespace || metadata.namespace!, name: dependency.name };
}
