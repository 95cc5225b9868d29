import type { Manager } from '@gitops-toolkit/runtime';

/** What the flags of the process say to the steps of a run. */
export interface Settings {
  manager: Manager;
  /** Wait for a source or dependency that is not ready, in milliseconds. */
  requeueDependencyMs: number;
  noCrossNamespaceRefs: boolean;
  /** ServiceAccount impersonated where an object names none; empty: the controller's own identity. */
  defaultServiceAccount: string;
  /** Dry-runs in parallel per object. */
  concurrentApply: number;
  /** Managers besides kubectl whose fields are taken over. */
  overrideManagers: string[];
  /** `group/Kind` texts that are applied in a stage of their own. */
  customStageKinds: string[];
  insecureKubeconfigExec: boolean;
  insecureKubeconfigTls: boolean;
}
