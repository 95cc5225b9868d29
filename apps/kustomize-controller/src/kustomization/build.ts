import { formatDuration, type Artifact, type Kustomization } from '@gitops-toolkit/api';
import { retry, type ReconcileContext } from '@gitops-toolkit/runtime';
import { buildSpecOf, type BuildOutput, type BuildRequest } from '../build/request.ts';
import { cleanPath, fetchArtifact, requirePath } from './artifact.ts';
import type { Engine } from './engine.ts';
import type { Settings } from './settings.ts';
import { effectiveTimeoutMs, retryIntervalMs } from './spec.ts';
import { loadVariables } from './variables.ts';

export interface BuildStep {
  artifact: Artifact;
  settings: Settings;
  engine: Engine;
  /** Called between fetching and building. */
  onFetched(): Promise<void>;
}

/** The objects to apply: those of an equal earlier build, or built from the artifact (KUS-113…157). */
export async function buildObjects(ctx: ReconcileContext<Kustomization>, step: BuildStep): Promise<BuildOutput> {
  const { object } = ctx;
  const request: BuildRequest = {
    digest: step.artifact.digest,
    path: cleanPath(object.spec.path),
    spec: buildSpecOf(object.spec),
    variables: await loadVariables(ctx),
    strictVariables: ctx.gates.enabled('StrictPostBuildSubstitutions'),
  };
  const known = step.engine.builder.known(request);
  if (known) {
    rememberAttempt(object, step.artifact);
    return known;
  }

  using lease = await fetchArtifact(ctx, step.artifact, step.settings);
  await requirePath(ctx, lease, request.path);
  rememberAttempt(object, step.artifact);
  await step.onFetched();
  const timeoutMs = effectiveTimeoutMs(object);
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const signal = AbortSignal.any([ctx.signal, deadline]);
    const output = await step.engine.builder.build(request, lease.directory, signal);
    for (const warning of output.warnings) ctx.log.info({ warning }, 'the build gave a warning');
    return output;
  } catch (error) {
    ctx.signal.throwIfAborted();
    const message = deadline.aborted
      ? `kustomize build failed: it took longer than the timeout of ${formatDuration(timeoutMs)}`
      : (error as Error).message;
    throw retry('BuildFailed', message, retryIntervalMs(object), { cause: error });
  }
}

/** Content that can be built is being attempted (KUS-33). */
function rememberAttempt(object: Kustomization, { revision }: Artifact): void {
  (object.status ??= {}).lastAttemptedRevision = revision;
}
