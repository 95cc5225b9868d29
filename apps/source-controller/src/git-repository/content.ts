import type { Artifact, GitRepository, GitRepositoryInclude } from '@gitops-toolkit/api';
import { isVerificationDue } from './verify.ts';

/**
 * Whether the spec now asks for other content than went into the stored artifact, at the same revision, or for a
 * signature that was not verified (SRC-223). Absent and empty `spec.ignore` are different.
 *
 * @param included the artifacts of `spec.include` as they are now
 */
export function contentChanged(object: GitRepository, included: readonly Artifact[]): boolean {
  const { spec, status } = object;
  return (
    isVerificationDue(object) ||
    spec.ignore !== status?.observedIgnore ||
    (spec.recurseSubmodules ?? false) !== (status?.observedRecurseSubmodules ?? false) ||
    !same(spec.sparseCheckout, status?.observedSparseCheckout, (a, b) => a === b) ||
    !same(spec.include, status?.observedInclude, sameInclude) ||
    !same(included, status?.includedArtifacts, (a, b) => a.revision === b.revision && a.digest === b.digest)
  );
}

/** Whether other revisions are included than went into the stored artifact, in whatever order (SRC-214). */
export function includesChanged({ status }: GitRepository, included: readonly Artifact[]): boolean {
  const before = new Set(status?.includedArtifacts?.map(({ revision }) => revision));
  return (
    included.length !== (status?.includedArtifacts?.length ?? 0) ||
    included.some(({ revision }) => !before.has(revision))
  );
}

/** Records what the content of the artifact depends on, for {@link contentChanged} (SRC-71…75). */
export function observeContent({ spec, status = {} }: GitRepository, included: readonly Artifact[]): void {
  const observed = {
    observedIgnore: spec.ignore,
    observedRecurseSubmodules: spec.recurseSubmodules || undefined,
    observedInclude: ifAny(spec.include),
    observedSparseCheckout: ifAny(spec.sparseCheckout),
    includedArtifacts: ifAny(included),
  };
  Object.assign(status, structuredClone(observed));
}

const sameInclude = (a: GitRepositoryInclude, b: GitRepositoryInclude) =>
  a.repository.name === b.repository.name && a.fromPath === b.fromPath && a.toPath === b.toPath;

function same<T>(
  a: readonly T[] | undefined = [],
  b: readonly T[] | undefined = [],
  equal: (a: T, b: T) => boolean,
): boolean {
  return a.length === b.length && a.every((item, index) => equal(item, b[index]!));
}

const ifAny = <T>(items: readonly T[] | undefined) => (items === undefined || items.length === 0 ? undefined : items);
