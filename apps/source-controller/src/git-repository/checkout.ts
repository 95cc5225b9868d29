import { parseDuration, type GitRepository } from '@gitops-toolkit/api';
import {
  EmptyRepositoryError,
  canonicalRevision,
  checkout,
  formatRevision,
  peekRevision,
  selectorOf,
  type Checkout,
  type GitRemote,
} from '@gitops-toolkit/git';
import { failing, type ReconcileContext } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from '../artifacts/conditions.ts';
import type { GitSettings } from './settings.ts';

/**
 * Whether the remote still has the revision that the stored artifact was made from. Costs one listing of refs; no
 * objects are transferred (SRC-217…219).
 */
export async function isUnchanged(ctx: ReconcileContext<GitRepository>, remote: GitRemote): Promise<boolean> {
  const { conditions, object } = ctx;
  const stored = object.status?.artifact?.revision;
  if (stored === undefined || !conditions.isTrue(SourceCondition.ArtifactInStorage)) return false;
  const revision = await asGitOperation(ctx, () => peekRevision(remote, object.spec.ref ?? {}, limitsOf(ctx)));
  return canonicalRevision(stored) === (revision ?? pinnedRevision(object));
}

/**
 * A pinned commit cannot change. When it is not the tip of a branch only its history can tell that it belongs there,
 * and that was seen when the artifact was made.
 */
function pinnedRevision({ spec }: GitRepository): string | undefined {
  const selector = selectorOf(spec.ref);
  return selector.by === 'commit' ? formatRevision(selector.name ?? selector.branch, selector.commit) : undefined;
}

/** Fetches what `spec.ref` means now and writes its files into `directory` (SRC-265…282). */
export async function checkOut(
  ctx: ReconcileContext<GitRepository>,
  remote: GitRemote,
  { objects }: GitSettings,
  directory: string,
): Promise<Checkout> {
  const { metadata, spec } = ctx.object;
  const cacheKey = `${metadata.namespace}/${metadata.name}`;
  const options = { directory, cache: objects, cacheKey, ...limitsOf(ctx) };
  return asGitOperation(ctx, () => checkout(remote, spec.ref ?? {}, options));
}

/** `spec.timeout` limits each Git operation (SRC-215). */
function limitsOf({ object, signal }: ReconcileContext<GitRepository>): { signal: AbortSignal; timeout: number } {
  return { signal, timeout: parseDuration(object.spec.timeout ?? '60s') };
}

/** Whatever goes wrong is a failure to fetch (SRC-117, SRC-118). */
async function asGitOperation<R>(
  { object, signal }: ReconcileContext<GitRepository>,
  operation: () => Promise<R>,
): Promise<R> {
  try {
    return await operation();
  } catch (error) {
    signal.throwIfAborted();
    const options = { condition: SourceCondition.FetchFailed, cause: error };
    if (error instanceof EmptyRepositoryError && selectorOf(object.spec.ref).by === 'branch') {
      throw failing(SourceReason.EmptyGitRepository, 'git repository is empty; push a commit to it', options);
    }
    const message = `failed to checkout and determine revision: ${(error as Error).message}`;
    throw failing(SourceReason.GitOperationFailed, message, options);
  }
}
