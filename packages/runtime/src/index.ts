export type { ReconcileContext, ProgressOptions, ReleaseOptions } from './controller/context.ts';
export type {
  Change,
  ConditionPolicy,
  ControllerDefinition,
  FailureEvents,
  Predicate,
  Watch,
} from './controller/definition.ts';
export { isSuspended, type ReconciledObject, type ReconcileStatus } from './controller/object.ts';
export {
  ReconcileError,
  Interrupted,
  failing,
  ignored,
  retry,
  stalling,
  waiting,
  type FailureClass,
  type FailureOptions,
  type Outcome,
} from './controller/outcome.ts';
export type { ControllerHandle, Manager, Service } from './manager/types.ts';
export { ConfigurationError, type CommonFlagChanges, type ProgramDefinition } from './program/definition.ts';
export { applierFlags, commonFlags, storageFlags, type CommonFlagValues } from './flags/common.ts';
export { FlagValueError, type Flag, type FlagSet, type FlagValues } from './flags/flag.ts';
export { boolFlag, durationFlag, gatesFlag, intFlag, listFlag, numberFlag, stringFlag } from './flags/types.ts';
export { featureGates, UnknownGateError, type FeatureGates } from './gates/gates.ts';
export type { EventInput, EventRecorder, EventType, RunEvents } from './events/types.ts';
export type { Logger } from './log/logger.ts';
export {
  MAX_MESSAGE_BYTES,
  READY,
  RECONCILING,
  STALLED,
  conditionsOf,
  findCondition,
  isFalse,
  isReady,
  isReconciling,
  isStalled,
  isTrue,
  isUnknown,
  markFalse,
  markReconciling,
  markStalled,
  markTrue,
  markUnknown,
  removeCondition,
  setCondition,
  truncateMessage,
  wholeSeconds,
  type ConditionInput,
  type ConditionsObject,
} from './conditions/set.ts';
export { conditionSetters, type ConditionSetters } from './conditions/setters.ts';
export type { ArtifactFetcher, ArtifactLease, ArtifactRef } from './artifacts/fetcher.ts';
