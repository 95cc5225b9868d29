import { type AppliedCache } from '../cache/applied-cache.ts';
import { type LiveVersions } from '../cache/live-versions.ts';
import { type AppliedChange } from '../change/change-set.ts';
import { type IgnoreRule } from '../drift/ignore.ts';
import { type Cleanup } from '../fields/managers.ts';
import { type HealthRules } from '../health/rules.ts';

/** How objects are applied. */
export interface ApplyOptions {
  /** Name under which fields are owned, for instance `kustomize-controller`. */
  fieldManager: string;
  /** Prefix of the marks on objects (`<group>/ssa`, `/reconcile`, `/force`), for instance `kustomize.toolkit.fluxcd.io`. */
  group: string;
  /** Recreate objects when a change is not possible (`spec.force`); default false. */
  force?: boolean;
  /** Take fields over that others own; default true (KUS-231). */
  forceConflicts?: boolean;
  /** Dry runs at a time; default 4 (KUS-234). */
  concurrency?: number;
  /** `group/Kind` of kinds with a stage of their own, before the rest. */
  customStageKinds?: readonly string[];
  /** What is cleaned off live objects first; default: nothing. See `standardCleanup`. */
  cleanup?: Cleanup;
  /** Move managedFields of live objects to the API version that is applied; default false. */
  migrateApiVersion?: boolean;
  ignore?: readonly IgnoreRule[];
  /** Limit of the wait after the stages of definitions and classes, in milliseconds; default 60,000. */
  stageTimeoutMs?: number;
  /** Limit of the wait for an object that is deleted to be created anew, in milliseconds; default 300,000 (KUS-446). */
  recreateTimeoutMs?: number;
  health?: HealthRules;
  /** Lets objects that have not changed on either side go without a request; see `AppliedCache`. */
  cache?: AppliedCache;
  /** Where versions of live objects are known from; without it each object is read. */
  live?: LiveVersions;
  /**
   * Called before objects of a stage are written, with those that will be. What it throws ends the apply; a caller that
   * has to find every object again after a crash notes them here.
   */
  beforeWrite?: (planned: readonly AppliedChange[]) => Promise<void>;
  /** Awaits what may last: stages that have to become Current, objects that have to go. See `HealthWaitOptions`. */
  aside?: <R>(wait: () => Promise<R>) => Promise<R>;
  signal?: AbortSignal;
}
