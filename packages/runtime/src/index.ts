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
export {
  ConfigurationError,
  type CommonFlagChanges,
  type ProgramDefinition,
  type ProgramFlags,
} from './program/definition.ts';
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
export { createArtifactFetcher, type ArtifactFetcherOptions } from './artifacts/create.ts';
export { ArtifactFetchError, ArtifactNotFoundError } from './artifacts/errors.ts';
export { download, localArtifactUrl, type DownloadOptions } from './artifacts/download.ts';
export { runController, runProgram, type ProgramIo } from './program/run.ts';
export { createManager, type ManagerOptions } from './manager/manager.ts';
export { createLogger, type LoggerOptions } from './log/pino.ts';
export { mergeConditions, summarise, type SummaryOptions } from './conditions/summary.ts';
export { markProgress } from './conditions/progress.ts';
export { createPatcher, type Patcher, type PatcherOptions } from './patch/patcher.ts';
export { ConditionConflictError } from './patch/conditions.ts';
export { refText } from './controller/watches.ts';
export { configWatches } from './controller/config-watches.ts';
export { recordRequest, requestedAt, takeOneOffRequest } from './requests/annotations.ts';
export {
  anyOf,
  artifactChanged,
  createdOrDeleted,
  generationChanged,
  requestChanged,
  resourceVersionChanged,
  specOrRequestChanged,
} from './requests/predicates.ts';
export { CircularDependencyError, sortByDependency, type Dependent } from './dependencies/sort.ts';
export { isDependencyReady } from './dependencies/ready.ts';
export { AccessDeniedError, checkAccessFrom, checkCrossNamespace, type AccessFrom } from './access/references.ts';
export { isLabelSelector } from './access/selector.ts';
export { upsertHistory, type Snapshot } from './history/snapshots.ts';
export { idWith, leaseName } from './leader/lease-name.ts';
export { parseListenAddress, serve, type ListenAddress } from './server/listen.ts';
export { jittered } from './time/jitter.ts';
export { sleep, systemClock, type Clock } from './time/clock.ts';
