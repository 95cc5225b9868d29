import type { ArtifactStorage } from '@gitops-toolkit/artifact';

/** What the steps of every source kind share. */
export interface SourceSettings {
  storage: ArtifactStorage;
  /** Wait for another object that is not ready, in milliseconds. */
  requeueDependencyMs: number;
}
