import type { Artifact, Kustomization } from '@gitops-toolkit/api';
import {
  applyAll,
  changeText,
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
import { retryIntervalMs } from './spec.ts';

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
    const objects = prepareObjects(built.objects, { owner: ownerOf(object), commonMetadata });
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
    ctx.events.emit({ reason: 'Progressing', message: written.map(changeText).join('\n') });
  }
  return changes;
}
