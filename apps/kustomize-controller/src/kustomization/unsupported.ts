import type { Kustomization } from '@gitops-toolkit/api';
import { stalling, type FeatureGates } from '@gitops-toolkit/runtime';

/** Refuses what the process is not configured for (KUS-83) or this version cannot do, before anything is applied. */
export function refuseUnsupported({ spec }: Kustomization, gates: FeatureGates): void {
  if (spec.decryption?.serviceAccountName && !gates.enabled('ObjectLevelWorkloadIdentity')) {
    const message =
      'to use spec.decryption.serviceAccountName for decryption authentication please enable the ' +
      'ObjectLevelWorkloadIdentity feature gate in the controller';
    throw stalling('FeatureGateDisabled', message, { observed: false });
  }
  if (spec.decryption) {
    // Applying encrypted values as they are would destroy the Secrets that consumers read.
    throw stalling('BuildFailed', 'this version of the kustomize controller does not support spec.decryption');
  }
}
