import { mkdir, rename } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { GitRepositoryKind, type Artifact, type GitRepository, type GitRepositoryInclude } from '@gitops-toolkit/api';
import { resolveInside, unpackArchive, type ArtifactStorage } from '@gitops-toolkit/artifact';
import { failing, waiting, type ReconcileContext } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from '../artifacts/conditions.ts';
import { announceBuild } from '../artifacts/progress.ts';
import type { SourceSettings } from '../artifacts/settings.ts';
import { isOwn } from '../artifacts/storage.ts';
import { includesChanged } from './content.ts';

const { ArtifactOutdated, IncludeUnavailable, StorageOperationFailed } = SourceCondition;

/**
 * The artifacts of the repositories in `spec.include`, in that order. They need not be ready, only to have an artifact;
 * until then the run waits (SRC-305).
 */
export async function findIncludes(
  ctx: ReconcileContext<GitRepository>,
  { requeueDependencyMs, storage }: SourceSettings,
): Promise<Artifact[]> {
  const { conditions, object } = ctx;
  const found: Artifact[] = [];
  for (const { repository } of object.spec.include ?? []) {
    const key = { namespace: object.metadata.namespace, name: repository.name };
    const included = await ctx.find<GitRepository>(GitRepositoryKind, key);
    const artifact = included?.status?.artifact;
    if (included === undefined || artifact === undefined || !isOwn(artifact, included, storage)) {
      const [reason, message] = included
        ? [SourceReason.NoArtifact, `no artifact available for include '${key.name}'`]
        : [SourceReason.NotFound, `could not get resource for include '${key.name}': GitRepository not found`];
      throw waiting(reason, message, requeueDependencyMs, { condition: IncludeUnavailable });
    }
    found.push(artifact);
  }
  conditions.remove(IncludeUnavailable);
  await announceChange(ctx, found);
  return found;
}

async function announceChange(ctx: ReconcileContext<GitRepository>, included: readonly Artifact[]): Promise<void> {
  const { conditions, object } = ctx;
  if (!includesChanged(object, included)) return;
  const change = 'included artifacts differ from last observed includes';
  if (object.status?.includedArtifacts) conditions.markTrue(ArtifactOutdated, SourceReason.IncludeChange, change);
  await announceBuild(ctx, change);
}

/**
 * Copies the included artifacts from the storage into the checked-out tree (SRC-306…309). Neither path of an include
 * leads out of where it belongs: `..` ends at the root.
 *
 * @param scratch a directory on the file system of `tree`, made when needed
 */
export async function copyIncludes(
  { object, signal }: ReconcileContext<GitRepository>,
  storage: ArtifactStorage,
  included: readonly Artifact[],
  tree: string,
  scratch: string,
): Promise<void> {
  for (const [index, include] of (object.spec.include ?? []).entries()) {
    const { repository, fromPath = '', toPath } = include;
    const unpacked = join(scratch, String(index));
    const target = targetOf(include, tree);
    try {
      await unpackArchive(storage.read(included[index]!.path, { signal }), unpacked, { maxBytes: -1, signal });
      await mkdir(dirname(target), { recursive: true });
      await rename(below(unpacked, fromPath), target);
    } catch (error) {
      signal.throwIfAborted();
      const paths = `from ${fromPath || '/'} to ${toPath || repository.name}`;
      const message = `failed to copy '${repository.name}' include ${paths}: ${problemOf(error as NodeJS.ErrnoException)}`;
      throw failing(SourceReason.CopyFailure, message, { condition: StorageOperationFailed, cause: error });
    }
  }
}

/** Paths of this machine help nobody, so what the file system says is put in terms of the two paths. */
function problemOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'no such file or directory in the included artifact';
  const isOccupied = code !== undefined && ['ENOTEMPTY', 'EEXIST', 'EISDIR', 'ENOTDIR', 'EBUSY'].includes(code);
  return isOccupied ? 'the target exists and is not empty, or is of another type' : message;
}

function targetOf({ repository, toPath }: GitRepositoryInclude, tree: string): string {
  try {
    return below(tree, toPath || repository.name);
  } catch (error) {
    const message = `path calculation for include '${repository.name}' failed: ${(error as Error).message}`;
    throw failing(SourceReason.IllegalPath, message, { condition: StorageOperationFailed, cause: error });
  }
}

const below = (root: string, path: string) => resolveInside(root, posix.join('/', path));
