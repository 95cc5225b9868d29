import { formatDuration, type Artifact, type Kustomization } from '@gitops-toolkit/api';
import { upsertHistory, wholeSeconds, type ReconcileContext } from '@gitops-toolkit/runtime';
import { originRevision } from './source.ts';

/** Puts the outcome of a run into `status.history` (KUS-25…31). */
export function recordHistory(
  ctx: ReconcileContext<Kustomization>,
  digest: string,
  artifact: Artifact,
  outcome: 'ReconciliationSucceeded' | 'ReconciliationFailed' | 'PruneFailed' | 'HealthCheckFailed',
): void {
  const origin = originRevision(artifact);
  const status = (ctx.object.status ??= {});
  status.history = upsertHistory(status.history as Parameters<typeof upsertHistory>[0], {
    digest,
    lastReconciled: wholeSeconds(Date.now()),
    lastReconciledDuration: formatDuration(Date.now() - ctx.startedAt),
    lastReconciledStatus: outcome,
    metadata: { revision: artifact.revision, ...(origin && { originRevision: origin }) },
  });
}
