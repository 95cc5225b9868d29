import { isTrue, type EventInput, type ReconcileContext } from '@gitops-toolkit/runtime';
import { SourceReason } from './conditions.ts';
import type { StoredSource } from './storage.ts';

/**
 * What a run that went well has to tell, compared with the object as the run found it: that there is a new artifact
 * (SRC-167), or that a failure is over (SRC-168); otherwise nothing (SRC-169).
 *
 * @param failures condition types that are failures of this kind
 */
export function newsOf<T extends StoredSource>(
  { object, original }: Pick<ReconcileContext<T>, 'object' | 'original'>,
  message: string,
  failures: readonly string[],
): EventInput | undefined {
  const artifact = object.status?.artifact;
  if (artifact === undefined) return undefined;
  const metadata = { revision: artifact.revision, digest: artifact.digest };
  if (artifact.digest !== original.status?.artifact?.digest) {
    return { reason: SourceReason.NewArtifact, message, metadata };
  }
  const failed = failures.some((type) => isTrue(original, type));
  const fails = failures.some((type) => isTrue(object, type));
  return failed && !fails ? { reason: SourceReason.Succeeded, message, metadata } : undefined;
}
