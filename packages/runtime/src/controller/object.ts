import type { Condition, KubeObject } from '@gitops-toolkit/api';

/** The part of `status` that the runtime itself writes (RTM-53…55). */
export interface ReconcileStatus {
  observedGeneration?: number;
  conditions?: Condition[];
  lastHandledReconcileAt?: string;
}

/**
 * What the runtime needs to know of an object it reconciles; every kind of the toolkit fits. `spec` belongs to the
 * kind, so only the two fields that mean the same everywhere are read, through {@link isSuspended} and
 * {@link ControllerDefinition.interval}.
 */
export interface ReconciledObject extends KubeObject {
  spec?: object;
  status?: ReconcileStatus;
}

/** True when `spec.suspend` is true (RTM-177). */
export function isSuspended(object: ReconciledObject): boolean {
  return (object.spec as { suspend?: unknown } | undefined)?.suspend === true;
}
