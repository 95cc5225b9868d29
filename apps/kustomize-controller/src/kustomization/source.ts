import {
  BucketKind,
  ExternalArtifactKind,
  GitRepositoryKind,
  OCIRepositoryKind,
  formatDuration,
  keyText,
  type Artifact,
  type KubeObject,
  type Kustomization,
  type ResourceType,
} from '@gitops-toolkit/api';
import { failing, retry, stalling, waiting, type ReconcileContext } from '@gitops-toolkit/runtime';
import type { Settings } from './settings.ts';
import { retryIntervalMs, sourceKey, sourceText } from './spec.ts';

/** Any kind that offers an artifact. */
export interface SourceObject extends KubeObject {
  status?: { artifact?: Artifact };
}

/** The kinds a Kustomization can be built from (KUS-91). */
export const sourceKinds: Record<string, ResourceType> = {
  GitRepository: GitRepositoryKind,
  OCIRepository: OCIRepositoryKind,
  Bucket: BucketKind,
  ExternalArtifact: ExternalArtifactKind,
};

/** The key under which upstream's revision of the content stands in the metadata of an artifact (KUS-31). */
const originRevisionKey = 'org.opencontainers.image.revision';

/** The upstream revision of an artifact, where it carries one. */
export function originRevision(artifact: Artifact): string | undefined {
  return artifact.metadata?.[originRevisionKey] || undefined;
}

/** The artifact to apply, or the reason why there is none (KUS-84…90). */
export async function resolveSource(ctx: ReconcileContext<Kustomization>, settings: Settings): Promise<Artifact> {
  const { object } = ctx;
  const kind = sourceKinds[object.spec.sourceRef.kind];
  const key = sourceKey(object);
  if (kind === undefined) {
    throw stalling('ArtifactFailed', `source ${key.name} kind '${object.spec.sourceRef.kind}' not supported`);
  }
  const full = `${kind.kind}/${keyText(key)}`;
  if (settings.noCrossNamespaceRefs && key.namespace !== object.metadata.namespace) {
    throw stalling('AccessDenied', `can't access '${full}', cross-namespace references have been blocked`, {
      observed: false,
    });
  }
  if (kind === ExternalArtifactKind && !ctx.gates.enabled('ExternalArtifact')) {
    throw stalling('AccessDenied', `can't access '${full}', ExternalArtifact feature gate is disabled`, {
      observed: false,
    });
  }

  const source = await read(ctx, kind, key);
  if (source === undefined) {
    ctx.log.info(`Source '${sourceText(object)}' not found`);
    throw retry('ArtifactFailed', `${kind.plural}.${kind.group} "${key.name}" not found`, retryIntervalMs(object), {
      event: 'none',
    });
  }
  const artifact = source.status?.artifact;
  if (artifact === undefined) {
    const delay = settings.requeueDependencyMs;
    throw waiting('ArtifactFailed', `Source artifact not found, retrying in ${formatDuration(delay)}`, delay, {
      event: 'none',
    });
  }
  return artifact;
}

async function read(
  ctx: ReconcileContext<Kustomization>,
  kind: ResourceType,
  key: { namespace: string; name: string },
): Promise<SourceObject | undefined> {
  try {
    // A cache that has none may not have seen a source that was created a moment ago.
    const cached = ctx.gates.enabled('DirectSourceFetch') ? undefined : await ctx.find<SourceObject>(kind, key);
    return cached ?? (await ctx.client.find<SourceObject>(kind, key, { signal: ctx.signal }));
  } catch (error) {
    ctx.signal.throwIfAborted();
    throw failing('ArtifactFailed', `unable to get source '${keyText(key)}': ${(error as Error).message}`, {
      cause: error,
      event: 'none',
    });
  }
}
