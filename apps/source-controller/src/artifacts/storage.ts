import { basename } from 'node:path';
import { DigestError, type ArtifactOwner, type ArtifactStorage } from '@gitops-toolkit/artifact';
import type { Artifact, KubeObject } from '@gitops-toolkit/api';
import { failing, type ReconcileContext, type ReconcileStatus } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from './conditions.ts';
import { announceBuild } from './progress.ts';
import type { SourceSettings } from './settings.ts';

/** A kind whose reconciler keeps one artifact in `status.artifact`. */
export interface StoredSource extends KubeObject {
  spec: object;
  status?: ReconcileStatus & { artifact?: Artifact };
}

/** The owner under which an object's artifacts are stored. */
export function ownerOf({ kind, metadata: { name, namespace = '' } }: KubeObject): ArtifactOwner {
  return { kind, namespace, name };
}

/**
 * Makes status and storage agree before anything is fetched (SRC-207…212): collects garbage, verifies the stored file
 * against its digest, forgets an artifact that is gone, and brings its URL up to date.
 */
export async function checkStorage<T extends StoredSource>(
  ctx: ReconcileContext<T>,
  { storage }: SourceSettings,
): Promise<void> {
  const { object, conditions, events } = ctx;
  const artifact = object.status?.artifact;
  if (artifact === undefined) {
    conditions.remove(SourceCondition.ArtifactInStorage);
    await announceBuild(ctx);
    return;
  }

  const state = await stateOf(ctx, artifact, storage);
  if (state === 'valid') {
    artifact.url = storage.urlOf(artifact.path);
    return;
  }
  if (state instanceof DigestError) {
    events.emit({
      type: 'Warning',
      reason: SourceReason.ArtifactVerificationFailed,
      message: `failed to verify integrity of artifact: ${state.message}`,
    });
  }
  delete object.status!.artifact;
  conditions.remove(SourceCondition.ArtifactInStorage);
  await announceBuild(ctx, 'disappeared from storage');
}

/** Whether an artifact is in its object's own directory. Whatever a status says: what is elsewhere belongs to others. */
export function isOwn(artifact: Artifact, owner: KubeObject, storage: ArtifactStorage): boolean {
  return artifact.path === storage.pathOf(ownerOf(owner), basename(artifact.path));
}

async function stateOf<T extends StoredSource>(
  ctx: ReconcileContext<T>,
  artifact: Artifact,
  storage: ArtifactStorage,
): Promise<'valid' | 'missing' | DigestError> {
  const { path, digest = '' } = artifact;
  if (!isOwn(artifact, ctx.object, storage)) return 'missing';
  await collectGarbage(ctx, artifact, storage);
  return storage.check({ path, digest }, { signal: ctx.signal });
}

async function collectGarbage<T extends StoredSource>(
  { events, log, signal }: ReconcileContext<T>,
  artifact: Artifact,
  storage: ArtifactStorage,
): Promise<void> {
  try {
    const removed = await storage.collectGarbage(artifact.path, { signal });
    if (removed.length > 0) {
      events.emit({
        type: 'Trace',
        reason: SourceReason.GarbageCollectionSucceeded,
        message: `garbage collected ${removed.length} artifacts`,
      });
    }
  } catch (error) {
    // The next run tries again; too many old files are no reason not to fetch a new one (SRC-394).
    log.debug({ err: error }, 'garbage collection of artifacts failed');
  }
}

/** Removes everything that is stored for a deleted object (SRC-363, SRC-364). */
export async function removeArtifacts<T extends StoredSource>(
  ctx: ReconcileContext<T>,
  { storage }: SourceSettings,
): Promise<void> {
  let existed: boolean;
  try {
    existed = await storage.removeAll(ownerOf(ctx.object));
  } catch (error) {
    throw failing(
      SourceReason.GarbageCollectionFailed,
      `garbage collection for deleted resource failed: ${(error as Error).message}`,
      { cause: error },
    );
  }
  if (existed) {
    ctx.events.emit({
      type: 'Trace',
      reason: SourceReason.GarbageCollectionSucceeded,
      message: 'garbage collected artifacts for deleted resource',
    });
  }
  if (ctx.object.status) delete ctx.object.status.artifact;
}
