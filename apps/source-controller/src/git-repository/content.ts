import type { GitRepository } from '@gitops-toolkit/api';

/**
 * Whether the spec now asks for other content than went into the stored artifact, at the same revision (SRC-223). Absent
 * and empty `spec.ignore` are different.
 */
export function contentChanged({ spec, status }: GitRepository): boolean {
  return spec.ignore !== status?.observedIgnore;
}

/** Records what the content of the artifact depends on, for {@link contentChanged}. */
export function observeContent({ spec, status }: GitRepository): void {
  if (spec.ignore === undefined) delete status!.observedIgnore;
  else status!.observedIgnore = spec.ignore;
}
