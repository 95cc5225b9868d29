import { isUnknown, markReconciling, markUnknown, READY, type ConditionsObject } from './set.ts';

/** Reasons every kind uses (RTM-68…73, 82). */
export const Reason = {
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Progressing: 'Progressing',
  ProgressingWithRetry: 'ProgressingWithRetry',
  Suspended: 'Suspended',
  DependencyNotReady: 'DependencyNotReady',
  ArtifactFailed: 'ArtifactFailed',
  InvalidCELExpression: 'InvalidCELExpression',
  FeatureGateDisabled: 'FeatureGateDisabled',
  AccessDenied: 'AccessDenied',
  InvalidPath: 'InvalidPath',
  InvalidURL: 'InvalidURL',
} as const;

/**
 * Says what is being done: Reconciling True; Ready Unknown only with drift, or when it is missing or Unknown already
 * (RTM-120).
 */
export function markProgress(
  object: ConditionsObject,
  reason: string,
  message: string,
  drift: boolean,
  nowMs?: number,
): void {
  markReconciling(object, reason, message, nowMs);
  if (drift || isUnknown(object, READY)) markUnknown(object, READY, reason, message, nowMs);
}
