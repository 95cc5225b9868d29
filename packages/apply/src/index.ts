export { applyAll } from './apply/apply-all.ts';
export { ApplyError, ObjectApplyError, type ApplyStep } from './apply/errors.ts';
export { type ApplyOptions } from './apply/options.ts';
export {
  createAppliedCache,
  type AppliedCache,
  type AppliedCacheOptions,
  type AppliedRecord,
} from './cache/applied-cache.ts';
export { informedVersions, listedVersions, type LiveVersions } from './cache/live-versions.ts';
export {
  changeLog,
  changeText,
  inventoryOf,
  type AppliedChange,
  type Change,
  type ChangeAction,
} from './change/change-set.ts';
export { type IgnoreRule } from './drift/ignore.ts';
export { SelectorError, type ObjectSelector } from './drift/selector.ts';
export { standardCleanup, type Cleanup, type ForeignManager } from './fields/managers.ts';
export { HealthError, type HealthFinding } from './health/errors.ts';
export { UnreadableStatusError } from './health/fields.ts';
export { healthMemory } from './health/memory.ts';
export { createHealthRules, HealthRulesError, type HealthExpressions, type HealthRules } from './health/rules.ts';
export { mayVanish, statusOf, type ObjectStatus, type StatusName, type StatusOptions } from './health/status.ts';
export { TerminationError, waitForTermination, type TerminationRef } from './health/termination.ts';
export { waitForHealth, type HealthRef, type HealthWaitOptions } from './health/wait.ts';
export {
  inventoryEntry,
  inventoryId,
  InventoryError,
  parseInventoryEntry,
  parseObjectId,
  staleEntries,
  type InventoryEntry,
  type ObjectId,
} from './inventory/inventory.ts';
export { normalizeObject } from './manifest/normalize.ts';
export { sortObjects } from './manifest/order.ts';
export { ManifestError, ownerLabels, prepareObjects, type CommonMetadata, type Owner } from './manifest/prepare.ts';
export { refOf, refText, type ObjectRef } from './object/object.ts';
export { prune, PruneError, terminating, type PruneChange, type PruneOptions } from './prune/prune.ts';
