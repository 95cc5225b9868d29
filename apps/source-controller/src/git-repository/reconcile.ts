import { join } from 'node:path';
import type { Artifact, GitRepository } from '@gitops-toolkit/api';
import { subjectOf, type Checkout } from '@gitops-toolkit/git';
import { requestedAt, type Outcome, type ReconcileContext } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from '../artifacts/conditions.ts';
import { newsOf } from '../artifacts/news.ts';
import { announceBuild } from '../artifacts/progress.ts';
import { checkStorage } from '../artifacts/storage.ts';
import { askRemote, checkOut, isStored } from './checkout.ts';
import { contentChanged } from './content.ts';
import { copyIncludes, findIncludes } from './include.ts';
import { remoteOf } from './remote.ts';
import type { GitSettings } from './settings.ts';
import { keepSparse } from './sparse.ts';
import { storeArtifact } from './store.ts';
import { refuseUnsupported } from './unsupported.ts';
import { forgetVerification, verifyCheckout } from './verify.ts';

const { ArtifactInStorage, ArtifactOutdated, FetchFailed, IncludeUnavailable, StorageOperationFailed } =
  SourceCondition;

/** Condition types that are failures; when they are gone, people are told (SRC-168). */
const failures = [FetchFailed, IncludeUnavailable, StorageOperationFailed];

/** Brings the artifact of a repository up to date (SRC-192, SRC-213, SRC-314). */
export async function reconcileGitRepository(
  ctx: ReconcileContext<GitRepository>,
  settings: GitSettings,
): Promise<Outcome> {
  const { conditions, object } = ctx;
  conditions.remove(StorageOperationFailed);
  await checkStorage(ctx, settings);
  refuseUnsupported(object);
  forgetVerification(ctx);

  const remote = await remoteOf(ctx, settings);
  const included = await findIncludes(ctx, settings);
  conditions.remove(ArtifactOutdated);
  const revision = await askRemote(ctx, remote, settings);
  if (isStored(ctx, revision) && !contentChanged(object, included)) return confirm(ctx);

  return settings.workspaces.use(ctx, async (workspace) => {
    const tree = join(workspace, 'tree');
    const checkout = await checkOut(ctx, remote, settings, tree);
    conditions.remove(FetchFailed);
    await keepSparse(tree, object.spec.sparseCheckout);
    await verifyCheckout(ctx, checkout);
    await announceRevision(ctx, checkout);
    if (isUpToDate(object, checkout, included)) {
      const message = `artifact up-to-date with remote revision: '${checkout.revision}'`;
      ctx.events.emit({ type: 'Trace', reason: SourceReason.ArtifactUpToDate, message });
    } else {
      await copyIncludes(ctx, settings.storage, included, tree, join(workspace, 'includes'));
      await storeArtifact(ctx, settings.storage, checkout, included, tree);
    }
    return stored(ctx, shortened(subjectOf(checkout.commit.message)));
  });
}

/**
 * The remote has not moved (SRC-219). That is said in an event only to those who asked for this run: an event is a
 * write, and one each interval and object would be most of the load of an idle cluster.
 */
function confirm(ctx: ReconcileContext<GitRepository>): Outcome {
  const { conditions, events, log, object, original } = ctx;
  const { revision } = object.status!.artifact!;
  conditions.remove(FetchFailed);
  const message = `no changes since last reconciliation: observed revision '${revision}'`;
  const request = requestedAt(object);
  const isRequested = request !== undefined && request !== original.status?.lastHandledReconcileAt;
  if (isRequested) events.emit({ type: 'Trace', reason: SourceReason.GitOperationSucceeded, message });
  else log.info(message);
  return stored(ctx, revision);
}

/** Says that there is a new revision before the work on it begins (SRC-216). */
async function announceRevision(ctx: ReconcileContext<GitRepository>, { revision }: Checkout): Promise<void> {
  const artifact = ctx.object.status?.artifact;
  if (artifact?.revision === revision) return;
  const news = `new upstream revision '${revision}'`;
  if (artifact) ctx.conditions.markTrue(ArtifactOutdated, SourceReason.NewRevision, news);
  await announceBuild(ctx, news);
}

function isUpToDate(object: GitRepository, { revision }: Checkout, included: readonly Artifact[]): boolean {
  return object.status?.artifact?.revision === revision && !contentChanged(object, included);
}

/** The artifact is what it should be (SRC-104, SRC-136). */
function stored(ctx: ReconcileContext<GitRepository>, commit: string): Outcome {
  const { conditions, object } = ctx;
  const { revision } = object.status!.artifact!;
  conditions.remove(ArtifactOutdated, StorageOperationFailed);
  conditions.markTrue(ArtifactInStorage, SourceReason.Succeeded, `stored artifact for revision '${revision}'`);
  return { event: newsOf(ctx, `stored artifact for commit '${commit}'`, failures) };
}

/** At most 50 characters (SRC-179). */
function shortened(subject: string): string {
  const characters = [...subject];
  return characters.length > 50 ? `${characters.slice(0, 50).join('')}...` : subject;
}
