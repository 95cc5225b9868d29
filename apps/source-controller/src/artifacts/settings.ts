import type { ArtifactStorage } from '@gitops-toolkit/artifact';
import type { Workspaces } from './workspace.ts';

/** What the steps of every source kind share. */
export interface SourceSettings {
  storage: ArtifactStorage;
  workspaces: Workspaces;
  /** Wait for another object that is not ready, in milliseconds. */
  requeueDependencyMs: number;
}
