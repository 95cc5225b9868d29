import { objectText, type Artifact, type Kustomization, type UnstructuredObject } from '@gitops-toolkit/api';
import {
  applyAll,
  changeText,
  inventoryOf,
  prepareObjects,
  standardCleanup,
  type AppliedChange,
  type HealthRules,
} from '@gitops-toolkit/apply';
import type { KubeClient } from '@gitops-toolkit/kube';
import { retry, type ReconcileContext } from '@gitops-toolkit/runtime';
import type { BuildOutput } from '../build/request.ts';
import { applyManager, group, ownerOf, type Engine } from './engine.ts';
import { recordHistory } from './history.ts';
import type { Progress } from './progress.ts';
import type { Settings } from './settings.ts';
import { effectiveTimeoutMs, retryIntervalMs } from './spec.ts';

export interface ApplyStep {
  built: BuildOutput;
  client: KubeClient;
  rules: HealthRules;
  artifact: Artifact;
  settings: Settings;
  engine: Engine;
  progress: Progress;
}

/** Applies the objects, stage by stage, and tells what changed (KUS-223…272; event a). */
export async function applyObjects(ctx: ReconcileContext<Kustomization>, step: ApplyStep): Promise<AppliedChange[]> {
  const { object } = ctx;
  const { built, client, settings, engine } = step;
  let changes: AppliedChange[];
  try {
    const { commonMetadata } = object.spec;
    const objects = prepareObjects(built.objects.map(withoutSops), { owner: ownerOf(object), commonMetadata });
    changes = await applyAll(client, objects, {
      fieldManager: applyManager,
      group,
      force: object.spec.force,
      concurrency: settings.concurrentApply,
      customStageKinds: settings.customStageKinds,
      cleanup: standardCleanup(applyManager, settings.overrideManagers),
      migrateApiVersion: ctx.gates.enabled('MigrateAPIVersion'),
      ignore: object.spec.ignore,
      health: step.rules,
      cache: engine.applied,
      live: engine.liveVersions(client),
      recreateTimeoutMs: effectiveTimeoutMs(object),
      aside: (wait) => ctx.release(wait),
      beforeWrite: (planned) => noteAhead(ctx, planned, step.progress),
      signal: ctx.signal,
    });
  } catch (error) {
    ctx.signal.throwIfAborted();
    recordHistory(ctx, built.digest, step.artifact, 'ReconciliationFailed');
    throw retry('ReconciliationFailed', (error as Error).message, retryIntervalMs(object), { cause: error });
  }
  const written = changes.filter(({ action }) => action === 'created' || action === 'configured');
  if (written.length > 0) {
    await step.progress.speak();
    ctx.log.info({ changes: changes.map(changeText) }, 'server-side apply completed');
    ctx.events.emit({ reason: 'Progressing', message: written.map(changeText).join('\n') });
  }
  return changes;
}

/**
 * Lists objects in the inventory before they are written, beside those of the last run, so that neither a process that
 * dies in between nor a run that fails loses track of one (KUS-22).
 */
async function noteAhead(
  ctx: ReconcileContext<Kustomization>,
  planned: readonly AppliedChange[],
  progress: Progress,
): Promise<void> {
  const status = (ctx.object.status ??= {});
  const entries = status.inventory?.entries ?? [];
  const known = new Set(entries.map(({ id }) => id));
  const added = inventoryOf(planned).filter(({ id }) => !known.has(id));
  if (added.length === 0) return;
  status.inventory = { entries: [...entries, ...added] };
  if (progress.quiet) await progress.speak();
  else await ctx.patchStatus();
}

/**
 * An encrypted Secret must not replace what its consumers read, unless it says so (KUS-201); its `sops` field is none that
 * the API server knows (KUS-202).
 */
function withoutSops(object: UnstructuredObject): UnstructuredObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || object.sops === undefined) return object;
  if (object.metadata.annotations?.[`${group}/decrypt`]?.toLowerCase() !== 'disabled') {
    throw new Error(
      `${objectText(object)} is SOPS encrypted, configuring decryption is required for this secret to be reconciled`,
    );
  }
  const { sops: _, ...rest } = object;
  return rest as UnstructuredObject;
}
