import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { formatDuration, type Artifact, type Kustomization } from '@gitops-toolkit/api';
import {
  ArtifactNotFoundError,
  retry,
  waiting,
  type ArtifactLease,
  type ReconcileContext,
} from '@gitops-toolkit/runtime';
import type { Settings } from './settings.ts';
import { retryIntervalMs } from './spec.ts';

/** The unpacked artifact, shared with every other Kustomization of the same revision (KUS-103…109). */
export async function fetchArtifact(
  ctx: ReconcileContext<Kustomization>,
  artifact: Artifact,
  settings: Settings,
): Promise<ArtifactLease> {
  try {
    // A download may be retried for minutes: that is no reason to hold a worker.
    return await ctx.release((signal) => settings.manager.artifacts.fetch(artifact, { signal }));
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (error instanceof ArtifactNotFoundError) {
      const delay = settings.requeueDependencyMs;
      const message = `Source is not ready, artifact not found, retrying in ${formatDuration(delay)}`;
      throw waiting('ArtifactFailed', message, delay, { cause: error, event: 'none' });
    }
    throw retry('ArtifactFailed', (error as Error).message, retryIntervalMs(ctx.object), { cause: error });
  }
}

/** `spec.path` as a path inside the artifact, beginning with a slash; `..` cannot leave the root (KUS-9, KUS-110). */
export function cleanPath(path = ''): string {
  const clean = posix.normalize(`/${path}`);
  return clean === '/' ? clean : clean.replace(/\/+$/, '');
}

/** Ends the run when the artifact has no such directory (KUS-111). */
export async function requirePath(
  ctx: ReconcileContext<Kustomization>,
  lease: ArtifactLease,
  path: string,
): Promise<void> {
  const found = await stat(`${lease.directory}${path}`).catch(() => undefined);
  if (found?.isDirectory()) return;
  const why = found ? 'not a directory' : 'no such file or directory';
  const message = `kustomization path not found: stat ${path.slice(1) || '.'}: ${why}`;
  throw retry('ArtifactFailed', message, retryIntervalMs(ctx.object));
}
