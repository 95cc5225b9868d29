import { KustomizationKind, formatDuration, keyText, type Artifact, type Kustomization } from '@gitops-toolkit/api';
import { isNotFound } from '@gitops-toolkit/kube';
import { isDependencyReady, stalling, waiting, type ReconcileContext } from '@gitops-toolkit/runtime';
import { CelError, compileCel } from '@gitops-toolkit/template';
import { configurationError } from './health.ts';
import type { Settings } from './settings.ts';
import { dependencyKey, sourceKey } from './spec.ts';

/**
 * Ends the run unless everything in `spec.dependsOn` is ready (KUS-92…99). Dependencies are read from the API server, so
 * that they may live in another shard.
 */
export async function checkDependencies(
  ctx: ReconcileContext<Kustomization>,
  artifact: Artifact,
  settings: Settings,
): Promise<void> {
  for (const dependency of ctx.object.spec.dependsOn ?? []) {
    const problem = await problemWith(ctx, dependency, artifact);
    if (problem === undefined) continue;
    const delay = settings.requeueDependencyMs;
    throw waiting('DependencyNotReady', problem, delay, {
      event: {
        type: 'Normal',
        message: `Dependencies do not meet ready condition, retrying in ${formatDuration(delay)}`,
      },
    });
  }
}

type Dependency = NonNullable<Kustomization['spec']['dependsOn']>[number];

async function problemWith(
  ctx: ReconcileContext<Kustomization>,
  dependency: Dependency,
  artifact: Artifact,
): Promise<string | undefined> {
  const key = dependencyKey(dependency, ctx.object);
  const ready = dependency.readyExpr ? compileReadyExpression(dependency) : undefined;
  let found: Kustomization;
  try {
    found = await ctx.client.get<Kustomization>(KustomizationKind, key, { signal: ctx.signal });
  } catch (error) {
    ctx.signal.throwIfAborted();
    const fact = isNotFound(error) ? 'not found' : 'cannot be read';
    return `dependency '${keyText(key)}' ${fact}: ${(error as Error).message}`;
  }

  if (ready) {
    try {
      if (!ready.evaluateBoolean({ self: ctx.object, dep: found })) {
        return `dependency '${keyText(key)}' is not ready according to readyExpr eval`;
      }
    } catch (error) {
      return `failed to evaluate dependency '${keyText(key)}': ${(error as Error).message}`;
    }
    if (!ctx.gates.enabled('AdditiveCELDependencyCheck')) return undefined;
  }

  if (!isDependencyReady(found)) return `dependency '${keyText(key)}' is not ready`;
  if (sameSource(found, ctx.object) && found.status?.lastAppliedRevision !== artifact.revision) {
    return `dependency '${keyText(key)}' revision is not up to date`;
  }
  return undefined;
}

function compileReadyExpression(dependency: Dependency) {
  try {
    return compileCel(dependency.readyExpr!, { variables: ['self', 'dep'], outputType: 'bool' });
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    throw stalling(
      'InvalidCELExpression',
      configurationError(`failed to evaluate dependency ${dependency.name}: ${error.message}`),
      { cause: error },
    );
  }
}

function sameSource(a: Kustomization, b: Kustomization): boolean {
  const [left, right] = [sourceKey(a), sourceKey(b)];
  return (
    a.spec.sourceRef.kind === b.spec.sourceRef.kind && left.name === right.name && left.namespace === right.namespace
  );
}
