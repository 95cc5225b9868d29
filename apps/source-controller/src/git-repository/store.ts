import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Artifact, GitRepository } from '@gitops-toolkit/api';
import {
  SourceIgnoreError,
  loadSourceIgnoreFiles,
  sourceFilter,
  walkDirectory,
  type ArtifactStorage,
  type PathFilter,
} from '@gitops-toolkit/artifact';
import type { Checkout } from '@gitops-toolkit/git';
import { failing, type ReconcileContext } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from '../artifacts/conditions.ts';
import { ownerOf } from '../artifacts/storage.ts';
import { observeContent } from './content.ts';

const { StorageOperationFailed } = SourceCondition;

/**
 * Archives a checked-out tree and records it in the status (SRC-313, SRC-315). The same commit with other content
 * replaces the file of the same name atomically (SRC-316).
 */
export async function storeArtifact(
  ctx: ReconcileContext<GitRepository>,
  storage: ArtifactStorage,
  { commit, revision }: Checkout,
  included: readonly Artifact[],
  tree: string,
): Promise<void> {
  const { object, signal } = ctx;
  const filter = await filterOf(ctx, tree);
  const path = storage.pathOf(ownerOf(object), `${commit.oid}.tar.gz`);
  const content = { entries: walkDirectory(tree, { filter, signal }) };
  await createDirectory(storage, path);
  try {
    await storage.withLock(
      path,
      async () => {
        const artifact = await storage.write(path, revision, content, { signal });
        object.status = { ...object.status, artifact };
        observeContent(object, included);
      },
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    const message = `unable to archive artifact to storage: ${(error as Error).message}`;
    throw failing(SourceReason.ArchiveOperationFailed, message, { condition: StorageOperationFailed, cause: error });
  }
}

async function createDirectory(storage: ArtifactStorage, path: string): Promise<void> {
  try {
    await mkdir(dirname(storage.fileOf(path)), { recursive: true, mode: 0o700 });
  } catch (error) {
    const message = `failed to create artifact directory: ${(error as Error).message}`;
    throw failing(SourceReason.DirectoryCreationFailed, message, { condition: StorageOperationFailed, cause: error });
  }
}

async function filterOf({ object, signal }: ReconcileContext<GitRepository>, tree: string): Promise<PathFilter> {
  try {
    return sourceFilter({ files: await loadSourceIgnoreFiles(tree, { signal }), specIgnore: object.spec.ignore });
  } catch (error) {
    if (!(error instanceof SourceIgnoreError)) throw error;
    const message = `failed to load source ignore patterns from repository: ${error.message}`;
    throw failing(SourceReason.SourceIgnoreError, message, { cause: error });
  }
}
