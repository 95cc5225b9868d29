import type { KubeObject, ObjectKey, ResourceType, UnstructuredObject } from '@gitops-toolkit/api';
import type { Informer } from '@gitops-toolkit/kube';
import type { EventType } from '../events/types.ts';
import type { ReconcileContext } from './context.ts';
import type { ReconciledObject } from './object.ts';
import type { FailureClass, Outcome } from './outcome.ts';

/** Old and new state of a watched object; `before` is absent on creation, `after` on deletion. */
export interface Change<W extends KubeObject = UnstructuredObject> {
  before?: W;
  after?: W;
}

/** Decides whether a change counts. See `predicates`. */
export type Predicate<W extends KubeObject = UnstructuredObject> = (change: Change<W>) => boolean;

/**
 * Another kind whose changes concern objects of ours. The affected objects are found either through an index of the
 * definition whose values are `<Kind>/<namespace>/<name>` texts (see `refText`), or by a function.
 */
export interface Watch<T extends ReconciledObject> {
  kind: ResourceType;
  /** Keep and deliver only `PartialObjectMetadata`; right for Secrets and other bulk kinds. */
  metadataOnly?: boolean;
  /** Filters at the API server. */
  labelSelector?: string;
  /** Which changes count; default: creation, deletion, and every change of the resourceVersion. */
  when?: Predicate<UnstructuredObject>;
  /** Name of the index that leads from the watched object to ours. */
  index?: string;
  /** Leaves out an object of ours found by the index, for instance because it has seen this revision already. */
  unless?(object: T, cause: UnstructuredObject): boolean;
  /** Instead of `index`: which objects of ours to enqueue, in this order. */
  enqueue?(cause: UnstructuredObject, objects: Informer<T>): ObjectKey[];
  /** Objects found by the index are enqueued after the objects they depend on (RTM-225). Needs `dependsOn`. */
  ordered?: boolean;
}

/** How conditions are owned and how Ready comes about. */
export interface ConditionPolicy {
  /** Types this controller writes besides Ready, Reconciling and Stalled; its value always wins (RTM-188). */
  owned?: string[];
  /** Types that are bad news when True (Reconciling and Stalled always are). Such conditions are removed, not set False. */
  negative?: string[];
  /**
   * Absent: Ready is set from the outcome of the run. Present: Ready is recomputed from these types at the end of every
   * run, earlier types first where several deserve the word (RTM-92…96, SRC-88). Include Stalled and Reconciling.
   */
  summary?: string[];
  /** Types that, when False, override a summarised Ready with their own reason and message (RTM-123). */
  bipolar?: string[];
}

/** Event of a failure class: a type, or none. */
export type FailureEvents = Partial<Record<FailureClass | 'plain', EventType | 'none'>>;

/**
 * A controller of one kind, as one object literal. Only `kind`, `interval` and `reconcile` are required.
 */
export interface ControllerDefinition<T extends ReconciledObject> {
  kind: ResourceType;
  /** Success interval in milliseconds, jittered by the runtime; undefined or 0: no timed run. */
  interval(object: T): number | undefined;
  /**
   * One run. Only called for an object that exists, is not being deleted, carries the finalizer and is not suspended.
   * Mutate `ctx.object.status`; return an {@link Outcome} or throw a {@link ReconcileError}.
   */
  reconcile(ctx: ReconcileContext<T>): Promise<Outcome | void>;
  /** Clean-up before the finalizer is removed. Throwing keeps the finalizer; retried with back-off (RTM-209). */
  finalize?(ctx: ReconcileContext<T>): Promise<void>;
  /** Finalizer name; default `finalizers.fluxcd.io` (RTM-49); null: none. */
  finalizer?: string | null;
  conditions?: ConditionPolicy;
  /** Other kinds whose changes enqueue ours. */
  watches?: Watch<T>[];
  /** Named look-ups over our own objects, usable by watches and through `ctx.objects.byIndex`. */
  indexes?: Record<string, (object: T) => string[]>;
  /** What an object has to wait for, for `ordered` watches. */
  dependsOn?(object: T): { namespace?: string; name: string }[];
  /** Which changes of our own objects trigger a run; default: generation or requestedAt changed (RTM-197). */
  when?: Predicate<T>;
  /** Message of the Reconciling condition at the start of a run; default "reconciliation in progress" (SRC-96); null: none is set. */
  startMessage?: string | null;
  /**
   * Store status at once when a run begins on a new generation or a new request token (SRC-190). Default true.
   */
  announceStart?: boolean;
  /** Event types by failure class where they differ from RTM-160…164. `plain` is any error that is no ReconcileError. */
  failureEvents?: FailureEvents;
  /** Extra work after every run's status is stored, for instance dropping caches of a deleted object. */
  afterRun?(ctx: ReconcileContext<T>): void | Promise<void>;
  /** Parallel runs; default: the manager's `--concurrent`. */
  concurrent?: number;
  /** How the interval jitter is applied; default true. False for kinds without the flag (RTM-207). */
  jitter?: boolean;
}
