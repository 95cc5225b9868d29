import { formatDuration, parseDuration, type Artifact, type Kustomization } from '@gitops-toolkit/api';
import { isTrue, READY, RECONCILING, requestedAt, type Outcome, type ReconcileContext } from '@gitops-toolkit/runtime';
import { type HealthRules } from '@gitops-toolkit/apply';
import { applyObjects } from './apply.ts';
import { buildObjects } from './build.ts';
import { checkDependencies } from './dependencies.ts';
import type { Engine } from './engine.ts';
import { checkHealth, compileHealthRules } from './health.ts';
import { recordHistory } from './history.ts';
import { createProgress, type Progress } from './progress.ts';
import { collectGarbage } from './prune.ts';
import type { Settings } from './settings.ts';
import { originRevision, resolveSource } from './source.ts';
import { effectiveTimeoutMs } from './spec.ts';
import { setOrDelete } from './status.ts';
import { refuseUnsupported } from './unsupported.ts';

/** One run: from the artifact of the source to objects that are applied, pruned and healthy (KUS §5.2). */
export async function reconcileKustomization(
  ctx: ReconcileContext<Kustomization>,
  settings: Settings,
  engine: Engine,
): Promise<Outcome> {
  const { object } = ctx;
  const rules = compileHealthRules(object);
  refuseUnsupported(object, ctx.gates);
  const artifact = await resolveSource(ctx, settings);
  rememberRevision(ctx, artifact);
  await checkDependencies(ctx, artifact, settings);

  const progress = createProgress(ctx, isSettled(object, artifact));
  try {
    return await carryOut(ctx, { artifact, settings, engine, rules, progress });
  } catch (error) {
    progress.admit();
    throw error;
  }
}

interface Work {
  artifact: Artifact;
  settings: Settings;
  engine: Engine;
  rules: HealthRules;
  progress: Progress;
}

/** The part of a run that people can follow in the status: fetch, build, apply, prune, check. */
async function carryOut(ctx: ReconcileContext<Kustomization>, work: Work): Promise<Outcome> {
  const { object } = ctx;
  const { artifact, settings, engine, rules, progress } = work;
  const { revision } = artifact;
  const limit = `with a timeout of ${formatDuration(effectiveTimeoutMs(object))}`;
  await progress.step(`Fetching manifests for revision ${revision} ${limit}`);
  const built = await buildObjects(ctx, {
    artifact,
    settings,
    engine,
    onFetched: () => progress.step(`Building manifests for revision ${revision} ${limit}`),
  });

  if (object.status?.history?.[0]?.digest !== built.digest) await progress.speak();
  await progress.step(`Detecting drift for revision ${revision} ${limit}`);
  const { client } = await engine.targets.of(ctx);
  const changes = await applyObjects(ctx, { built, client, rules, settings, engine, artifact, progress });
  await collectGarbage(ctx, { built, client, changes, engine, artifact, progress });

  const wasHealthy = isTrue(object, 'Healthy');
  const isNewRevision = object.status?.lastAppliedRevision !== revision;
  const hasChanged = changes.some(({ action }) => action === 'created' || action === 'configured');
  const took = await checkHealth(ctx, { client, rules, changes, revision, engine, progress, built, artifact });
  if (took !== undefined && (!wasHealthy || (isNewRevision && hasChanged))) {
    ctx.events.emit({ reason: 'Progressing', message: `Health check passed in ${took}` });
  }

  const ready = { reason: 'ReconciliationSucceeded', message: `Applied revision: ${revision}` };
  if (progress.quiet) return { ready };
  object.status!.lastAppliedRevision = revision;
  setOrDelete(object.status!, 'lastAppliedOriginRevision', originRevision(artifact));
  recordHistory(ctx, built.digest, artifact, 'ReconciliationSucceeded');
  return { ready, event: successEvent(ctx) };
}

/** Whether everything was in place after the last run, and nobody asked for more than a look. */
function isSettled(object: Kustomization, artifact: Artifact): boolean {
  const { status, metadata } = object;
  return (
    isTrue(object, READY) &&
    !isTrue(object, RECONCILING) &&
    status?.observedGeneration === metadata.generation &&
    status?.lastAppliedRevision === artifact.revision &&
    status?.lastAppliedOriginRevision === originRevision(artifact) &&
    (requestedAt(object) === undefined || requestedAt(object) === status?.lastHandledReconcileAt)
  );
}

function rememberRevision(ctx: ReconcileContext<Kustomization>, artifact: Artifact): void {
  ctx.events.facts.revision = artifact.revision;
  const origin = originRevision(artifact);
  if (origin) ctx.events.facts.originRevision = origin;
}

function successEvent(ctx: ReconcileContext<Kustomization>): Outcome['event'] {
  const took = formatDuration(Date.now() - ctx.startedAt);
  const interval = formatDuration(parseDuration(ctx.object.spec.interval));
  return {
    reason: 'ReconciliationSucceeded',
    message: `Reconciliation finished in ${took}, next run in ${interval}`,
    metadata: { commit_status: 'update' },
  };
}
