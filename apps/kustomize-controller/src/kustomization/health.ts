import { formatDuration, gvkOf, type Artifact, type Kustomization } from '@gitops-toolkit/api';
import {
  createHealthRules,
  HealthError,
  healthMemory,
  HealthRulesError,
  waitForHealth,
  type AppliedChange,
  type HealthRef,
  type HealthRules,
} from '@gitops-toolkit/apply';
import type { KubeClient } from '@gitops-toolkit/kube';
import { Interrupted, ReconcileError, retry, stalling, waiting, type ReconcileContext } from '@gitops-toolkit/runtime';
import type { BuildOutput } from '../build/request.ts';
import type { Engine } from './engine.ts';
import { recordHistory } from './history.ts';
import type { Progress } from './progress.ts';
import { effectiveTimeoutMs, retryIntervalMs } from './spec.ts';

/** Condition that tells how the health checks went. */
const HEALTHY = 'Healthy';

/** How long a quiet run waits for an answer before it says that it is waiting, in milliseconds. */
const quietPatienceMs = 2_000;

/** The message of a terminal mistake in the spec (KUS-80, KUS-94). */
export function configurationError(detail: string): string {
  return `Reconciliation failed terminally due to configuration error: ${detail}`;
}

/** Compiles `spec.healthCheckExprs` (KUS-80…82). */
export function compileHealthRules({ spec }: Kustomization): HealthRules {
  try {
    return createHealthRules(spec.healthCheckExprs ?? []);
  } catch (error) {
    if (!(error instanceof HealthRulesError)) throw error;
    throw stalling('InvalidCELExpression', configurationError(error.message), { cause: error });
  }
}

export interface HealthCheck {
  client: KubeClient;
  rules: HealthRules;
  changes: AppliedChange[];
  revision: string;
  built: BuildOutput;
  artifact: Artifact;
  engine: Engine;
  progress: Progress;
}

/**
 * Waits until everything that counts is healthy, without holding a worker (KUS-284…301). Returns how long it took, or
 * undefined when there was nothing to check.
 */
export async function checkHealth(
  ctx: ReconcileContext<Kustomization>,
  check: HealthCheck,
): Promise<string | undefined> {
  const { object, conditions } = ctx;
  const refs = healthRefs(object, check.changes);
  if (refs.length === 0) {
    conditions.remove(HEALTHY);
    return undefined;
  }
  const timeoutMs = effectiveTimeoutMs(object);
  const message = `Running health checks for revision ${check.revision} with a timeout of ${formatDuration(timeoutMs)}`;
  const before = conditions.get(HEALTHY);
  await check.progress.step(message, () => conditions.markUnknown(HEALTHY, 'Progressing', message));

  const startedAt = Date.now();
  const took = () => formatDuration(Date.now() - startedAt);
  try {
    await announcing(ctx, check.progress, () => waitFor(ctx, check, refs, timeoutMs));
  } catch (error) {
    throw failure(ctx, check, error, took());
  }
  if (check.progress.quiet && before?.status === 'True') return undefined;
  conditions.markTrue(HEALTHY, 'Succeeded', `Health check passed in ${took()}`);
  return took();
}

/** Gives the worker back until all is healthy, or not. */
function waitFor(ctx: ReconcileContext<Kustomization>, check: HealthCheck, refs: HealthRef[], timeoutMs: number) {
  const { client, engine, rules } = check;
  const memory = healthMemory(client, { cache: engine.applied, live: engine.liveVersions(client), health: rules });
  const failFast = !ctx.gates.enabled('DisableFailFastBehavior');
  return ctx.release((signal) => waitForHealth(client, refs, { timeoutMs, signal, failFast, rules, ...memory }), {
    interruptible: ctx.gates.enabled('CancelHealthCheckOnNewRevision'),
  });
}

/** Ends the quiet of a run when a wait lasts. What it stores is stored before anything else happens to the object. */
async function announcing(
  ctx: ReconcileContext<Kustomization>,
  progress: Progress,
  wait: () => Promise<void>,
): Promise<void> {
  if (!progress.quiet) return wait();
  let speaking: Promise<void> | undefined;
  const timer = setTimeout(() => {
    speaking = progress.speak().catch((err: unknown) => ctx.log.debug({ err }, 'cannot store progress'));
  }, quietPatienceMs);
  try {
    await wait();
  } finally {
    clearTimeout(timer);
    await speaking;
  }
}

function failure(ctx: ReconcileContext<Kustomization>, check: HealthCheck, error: unknown, took: string): unknown {
  check.progress.admit();
  if (error instanceof Interrupted) {
    const { trigger } = error;
    return waiting('HealthCheckCanceled', `New reconciliation triggered by ${trigger}`, 0, {
      cause: error,
      event: { type: 'Normal', message: `Health checks canceled due to new reconciliation triggered by ${trigger}` },
    });
  }
  if (!(error instanceof HealthError) || error instanceof ReconcileError) return error;
  ctx.conditions.markFalse(HEALTHY, 'HealthCheckFailed', error.message);
  recordHistory(ctx, check.built.digest, check.artifact, 'HealthCheckFailed');
  const message = `health check failed after ${took}: ${error.message}`;
  return retry('HealthCheckFailed', message, retryIntervalMs(ctx.object), { cause: error });
}

/** What is checked: everything applied with `wait`, else `healthChecks`; never the object itself (KUS-284…287). */
function healthRefs(object: Kustomization, changes: AppliedChange[]): HealthRef[] {
  const { spec, metadata } = object;
  const refs: HealthRef[] = spec.wait
    ? changes.filter(({ action }) => action !== 'skipped')
    : (spec.healthChecks ?? []).map(({ apiVersion, kind, name, namespace }) => {
        const { group } = gvkOf({ apiVersion: apiVersion || 'apps/v1', kind });
        const applied = changes.find(
          ({ type, key }) =>
            type.group === group && type.kind === kind && key.name === name && key.namespace === namespace,
        );
        return applied ?? { type: { group, version: '', kind }, key: { name, namespace } };
      });
  return refs.filter(
    ({ type, key }) =>
      !(type.kind === 'Kustomization' && key.name === metadata.name && key.namespace === metadata.namespace),
  );
}
