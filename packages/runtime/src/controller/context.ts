import type { KubeObject, ObjectKey, ResourceType, UnstructuredObject } from '@gitops-toolkit/api';
import type { Informer, InformerCache, KubeClient } from '@gitops-toolkit/kube';
import type { ConditionSetters } from '../conditions/setters.ts';
import type { RunEvents } from '../events/types.ts';
import type { FeatureGates } from '../gates/gates.ts';
import type { Logger } from '../log/logger.ts';
import type { ReconciledObject } from './object.ts';

/** Options of {@link ReconcileContext.release}. */
export interface ReleaseOptions {
  /** Deadline in milliseconds; the wait's signal aborts with a `TimeoutError` DOMException. Default: none. */
  timeoutMs?: number;
  /**
   * Abort with {@link Interrupted} when a watch enqueues this object, also when that happened earlier in this run
   * (RTM-236…238). Default false.
   */
  interruptible?: boolean;
}

/** Options of {@link ReconcileContext.progress}. */
export interface ProgressOptions {
  /** Default `Progressing`. */
  reason?: string;
  /** What is wanted is known to differ from what is: Ready becomes Unknown (RTM-120). Default false. */
  drift?: boolean;
  /** Ready becomes Unknown with this message rather than that of Reconciling, as with `drift` (KUS-47). */
  readyMessage?: string;
  /** Store the status now. Default true. */
  patch?: boolean;
}

/** What a run works with. Valid during the run only. */
export interface ReconcileContext<T extends ReconciledObject> {
  /** A deep copy for this run; changes to metadata and status are stored by the runtime. */
  readonly object: T;
  /** The object as the run found it. */
  readonly original: Readonly<T>;
  readonly kind: ResourceType;
  readonly client: KubeClient;
  readonly cache: InformerCache;
  /** All objects of this kind, from the watch; with the definition's indexes. Read-only. */
  readonly objects: Informer<T>;
  /** Carries controller, kind, name, namespace and reconcileID (RTM-448). */
  readonly log: Logger;
  /** Aborts on shutdown. Pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch at which the run began. */
  readonly startedAt: number;
  readonly reconcileID: string;
  readonly gates: FeatureGates;
  readonly events: RunEvents;
  /** Sets conditions on `object`, stamped with its generation. */
  readonly conditions: ConditionSetters;

  /**
   * Another object: from the watch's copy when the definition watches its kind in full, otherwise (or with `live`) from
   * the API server. Undefined when it does not exist. Read-only.
   */
  find<W extends KubeObject = UnstructuredObject>(
    kind: ResourceType,
    key: ObjectKey,
    options?: { live?: boolean },
  ): Promise<W | undefined>;
  /**
   * Says what is being done: Reconciling True, and Ready Unknown where RTM-120 wants it. Stores the status unless told
   * not to.
   */
  progress(message: string, options?: ProgressOptions): Promise<void>;
  /** Stores what has changed since the last time (RTM-181…196). */
  patchStatus(): Promise<void>;
  /**
   * Waits without holding a worker: the slot of this run goes to another object while `wait` is pending and is taken
   * again before the promise settles. This object is not run a second time meanwhile. The signal given to `wait` aborts
   * on shutdown, at the deadline, when the object begins to be deleted, and, if interruptible, when the object is
   * enqueued again by a watch; the promise then
   * rejects with the signal's reason as soon as `wait` has returned.
   */
  release<R>(wait: (signal: AbortSignal) => Promise<R>, options?: ReleaseOptions): Promise<R>;
}
