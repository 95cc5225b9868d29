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
 * The revision that `spec.ref` means at the remote now, by one listing of refs; no objects are transferred
 * (SRC-217, SRC-218). Undefined when the refs alone do not tell.
 *
 * No worker is held meanwhile: hosts that do not answer delay nobody but the repositories on them.
 */
export async function askRemote(
  ctx: ReconcileContext<GitRepository>,
  remote: GitRemote,
  { remoteChecks }: GitSettings,
): Promise<string | undefined> {
  const { object } = ctx;
  const ask = (signal: AbortSignal) =>
    remoteChecks.run(() => peekRevision(remote, object.spec.ref ?? {}, { ...limitsOf(ctx), signal }), signal);
  const revision = await asGitOperation(ctx, () => ctx.release(ask));
  return revision ?? pinnedRevision(object);
}

/** Whether the stored artifact was made from this revision, which may be recorded in an older form (SRC-218). */
export function isStored(
  { conditions, object }: ReconcileContext<GitRepository>,
  revision: string | undefined,
): boolean {
  const stored = object.status?.artifact?.revision;
  if (stored === undefined || !conditions.isTrue(SourceCondition.ArtifactInStorage)) return false;
  return canonicalRevision(stored) === revision;
}

/**
 * A pinned commit cannot change. Unless it is the tip of a branch only the history can tell that it belongs there, and
 * that is looked at before an artifact is made of it.
 */
function pinnedRevision({ spec }: GitRepository): string | undefined {
  const selector = selectorOf(spec.ref);
  return selector.by === 'commit' ? formatRevision(selector.name ?? selector.branch, selector.commit) : undefined;
}

/** Fetches what `spec.ref` means now and writes its files into `directory` (SRC-265…285). */
export async function checkOut(
  ctx: ReconcileContext<GitRepository>,
  remote: GitRemote,
  { objects }: GitSettings,
  directory: string,
): Promise<Checkout> {
  const { metadata, spec } = ctx.object;
  const cacheKey = `${metadata.namespace}/${metadata.name}`;
  const recurseSubmodules = spec.recurseSubmodules ?? false;
  const options = { directory, recurseSubmodules, cache: objects, cacheKey, ...limitsOf(ctx) };
  return asGitOperation(ctx, () => checkout(remote, spec.ref ?? {}, options));
}

/** The longest that a timer can run, in milliseconds: 24 days. */
const maxTimeout = 2 ** 31 - 1;

/** `spec.timeout` limits each Git operation (SRC-215). */
function limitsOf({ object, signal }: ReconcileContext<GitRepository>): { signal: AbortSignal; timeout: number } {
  const timeout = parseDuration(object.spec.timeout ?? '60s');
  return { signal, timeout: Math.min(Math.ceil(timeout), maxTimeout) };
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
