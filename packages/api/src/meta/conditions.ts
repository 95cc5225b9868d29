/** Condition types and reasons that every controller shares. Those of one kind stand beside the kind. */

/** Shared condition types (RTM-63 to RTM-67). */
export const ConditionType = {
  /** The summary: True only when the object is neither stalled nor being reconciled. */
  Ready: 'Ready',
  /** Present, with True, only while there is work in progress or a retry to come. */
  Reconciling: 'Reconciling',
  /** Present, with True, only while nothing but a change of the object or of what it refers to can help. */
  Stalled: 'Stalled',
  /** Outcome of the health checks. */
  Healthy: 'Healthy',
  /** Present, with True, when a reference into another namespace was refused. */
  AccessDenied: 'AccessDenied',
} as const;

/** Shared reasons (RTM-68 to RTM-82). */
export const Reason = {
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Progressing: 'Progressing',
  ProgressingWithRetry: 'ProgressingWithRetry',
  Suspended: 'Suspended',
  DependencyNotReady: 'DependencyNotReady',
  ReconciliationSucceeded: 'ReconciliationSucceeded',
  ReconciliationFailed: 'ReconciliationFailed',
  ArtifactFailed: 'ArtifactFailed',
  BuildFailed: 'BuildFailed',
  PruneFailed: 'PruneFailed',
  HealthCheckFailed: 'HealthCheckFailed',
  HealthCheckCanceled: 'HealthCheckCanceled',
  InvalidPath: 'InvalidPath',
  InvalidURL: 'InvalidURL',
  InsecureConnectionsDisallowed: 'InsecureConnectionsDisallowed',
  UnsupportedConnectionType: 'UnsupportedConnectionType',
  InvalidCELExpression: 'InvalidCELExpression',
  FeatureGateDisabled: 'FeatureGateDisabled',
  AccessDenied: 'AccessDenied',
} as const;
