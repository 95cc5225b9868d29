import { Reason } from '@gitops-toolkit/api';
import {
  conditionsOf,
  findCondition,
  isFalse,
  isReady,
  isStalled,
  isTrue,
  isUnknown,
  markFalse,
  markReconciling,
  markStalled,
  markTrue,
  READY,
  RECONCILING,
  removeCondition,
  setCondition,
  STALLED,
} from '../conditions/set.ts';
import { summarise } from '../conditions/summary.ts';
import { recordRequest } from '../requests/annotations.ts';
import type { ConditionPolicy } from './definition.ts';
import type { ReconciledObject } from './object.ts';
import { ReconcileError, type FailureClass, type FailureOptions, type Outcome } from './outcome.ts';

/** How a run came to its end. */
export type RunEnd =
  | { kind: 'succeeded'; outcome: Outcome }
  /** A step threw. */
  | { kind: 'failed'; error: unknown }
  | { kind: 'suspended' }
  /** The finalizer was added, nothing else happened. */
  | { kind: 'prepared' };

/** When the object is looked at again. */
export type Requeue =
  | { kind: 'interval' }
  | { kind: 'after'; ms: number }
  /** At once. */
  | { kind: 'again' }
  /** Through the rate limiter, without being a failure (RTM-168 d). */
  | { kind: 'limited' }
  /** A failure: exponential back-off. */
  | { kind: 'backoff'; error: Error }
  | { kind: 'never'; terminal?: boolean };

/** Message of Ready True where neither outcome nor summary gives one. */
const successText = 'reconciliation succeeded';

/**
 * Turns the end of a run into conditions, `observedGeneration` and `lastHandledReconcileAt` on the object, and says when
 * to look again. The one place where this happens, for every kind (RTM-111…127).
 */
export function finishRun(object: ReconciledObject, end: RunEnd, policy: ConditionPolicy = {}, now?: number): Requeue {
  if (end.kind === 'succeeded') settle(object, policy, end.outcome, now);
  else if (end.kind === 'failed') markFailure(object, policy, end.error, now);
  else if (end.kind === 'suspended' && policy.summary) removeCondition(object, STALLED);

  if (end.kind === 'prepared') {
    recordRequest(object);
    return { kind: 'again' };
  }

  retitleReconciling(object, policy, now);
  if (policy.summary) summariseReady(object, policy, now);
  if (end.kind === 'failed') keepFailureVisible(object, end.error, now);

  const requeue = requeueOf(object, end, policy, now);
  if (isObserved(object, end, requeue, policy, now)) {
    object.status ??= {};
    object.status.observedGeneration = object.metadata.generation;
  }
  recordRequest(object);
  return requeue;
}

function settle(object: ReconciledObject, policy: ConditionPolicy, outcome: Outcome, now?: number): void {
  removeCondition(object, STALLED);
  // An object that is run again at once is still in progress.
  if (outcome.requeue === 'now') {
    if (outcome.ready) markTrue(object, READY, outcome.ready.reason, outcome.ready.message, now);
    return;
  }
  removeCondition(object, RECONCILING);
  if (policy.summary) return;
  const { reason = Reason.Succeeded, message = successText } = outcome.ready ?? {};
  markTrue(object, READY, reason, message, now);
}

function markFailure(object: ReconciledObject, policy: ConditionPolicy, error: unknown, now?: number): void {
  if (!(error instanceof ReconcileError)) {
    removeCondition(object, STALLED);
    // A reason that a step gave says more than ours (RTM-114, RTM-483).
    if (!isFalse(object, READY)) markFalse(object, READY, Reason.Failed, messageOf(error), now);
    return;
  }
  const { reason, message, options } = error;
  if (error.class === 'stalling') markStalled(object, reason, message, now);
  else removeCondition(object, STALLED);
  if (options.condition) markCondition(object, policy, error, options.condition, now);
  if (error.class === 'ignored') removeCondition(object, RECONCILING);
  else if (!policy.summary) markFalse(object, READY, reason, message, now);
}

function markCondition(
  object: ReconciledObject,
  policy: ConditionPolicy,
  error: ReconcileError,
  condition: NonNullable<FailureOptions['condition']>,
  now?: number,
): void {
  const {
    type,
    reason = error.reason,
    message = error.message,
  } = typeof condition === 'string' ? { type: condition } : condition;
  const status = policy.negative?.includes(type) ? 'True' : 'False';
  setCondition(object, { type, status, reason, message }, now);
}

/** Reconciling that is still there means: it will be tried again (SRC-94, KUS-43). */
function retitleReconciling(object: ReconciledObject, policy: ConditionPolicy, now?: number): void {
  const reconciling = findCondition(object, RECONCILING);
  if (reconciling?.status === 'True' && (policy.summary || isFalse(object, READY)))
    markTrue(object, RECONCILING, Reason.ProgressingWithRetry, reconciling.message, now);
}

function summariseReady(object: ReconciledObject, policy: ConditionPolicy, now?: number): void {
  const negative = [STALLED, RECONCILING, ...(policy.negative ?? [])];
  summarise(object, { types: policy.summary, negative }, now);
  const bad = policy.bipolar?.find((type) => isFalse(object, type));
  const verdict = bad === undefined ? undefined : findCondition(object, bad);
  if (verdict) markFalse(object, READY, verdict.reason, verdict.message, now);
}

/** A failed run never leaves Ready True or undecided, whatever the summary found (RTM-114). */
function keepFailureVisible(object: ReconciledObject, error: unknown, now?: number): void {
  const kind = error instanceof ReconcileError ? error.class : 'plain';
  if (kind === 'ignored' || isFalse(object, READY)) return;
  const reason = error instanceof ReconcileError ? error.reason : Reason.Failed;
  markFalse(object, READY, reason, messageOf(error), now);
  if (kind !== 'stalling') markReconciling(object, Reason.ProgressingWithRetry, messageOf(error), now);
}

function requeueOf(object: ReconciledObject, end: RunEnd, policy: ConditionPolicy, now?: number): Requeue {
  if (end.kind === 'succeeded') return requeueOfOutcome(object, end.outcome, policy, now);
  if (end.kind !== 'failed') return { kind: 'never' };
  if (!(end.error instanceof ReconcileError)) return { kind: 'backoff', error: toError(end.error) };
  return requeueOfFailure(end.error);
}

function requeueOfOutcome(
  object: ReconciledObject,
  { requeue }: Outcome,
  policy: ConditionPolicy,
  now?: number,
): Requeue {
  if (requeue === 'now') return { kind: 'limited' };
  // The steps went well and yet a condition says otherwise: that is a failure (RTM-116, RTM-124, SRC-91).
  if (policy.summary && !isStalled(object)) {
    if (isFalse(object, READY)) return { kind: 'backoff', error: new Error(findCondition(object, READY)!.message) };
    if (isUnknown(object, READY)) markTrue(object, READY, Reason.Succeeded, successText, now);
  }
  if (requeue === 'never') return { kind: 'never' };
  return requeue === undefined ? { kind: 'interval' } : { kind: 'after', ms: requeue };
}

const requeueByClass: Record<FailureClass, (error: ReconcileError) => Requeue> = {
  stalling: () => ({ kind: 'never', terminal: true }),
  waiting: ({ delayMs }) =>
    delayMs === undefined ? { kind: 'interval' } : delayMs <= 0 ? { kind: 'again' } : { kind: 'after', ms: delayMs },
  retry: ({ delayMs = 0 }) => ({ kind: 'after', ms: delayMs }),
  backoff: (error) => ({ kind: 'backoff', error }),
  ignored: () => ({ kind: 'interval' }),
};

function requeueOfFailure(error: ReconcileError): Requeue {
  return requeueByClass[error.class](error);
}

/** Whether the outcome is final for this generation (RTM-53, RTM-119, RTM-121, RTM-126). */
function isObserved(
  object: ReconciledObject,
  end: RunEnd,
  requeue: Requeue,
  policy: ConditionPolicy,
  now?: number,
): boolean {
  if (conditionsOf(object).length === 0) return false;
  if (end.kind === 'suspended') return observeSuspended(object, policy, now);
  if (end.kind === 'succeeded') return requeue.kind !== 'backoff' && requeue.kind !== 'limited' && isReady(object);
  if (end.kind !== 'failed' || !(end.error instanceof ReconcileError)) return false;
  if (end.error.class === 'stalling') return end.error.options.observed !== false;
  return end.error.class === 'ignored';
}

/** A suspended object that was Ready stays current for status readers (RTM-177, SRC-187, KUS-77). */
function observeSuspended(object: ReconciledObject, policy: ConditionPolicy, now?: number): boolean {
  if (policy.summary) return true;
  if (!isTrue(object, READY)) return false;
  const { reason, message } = findCondition(object, READY)!;
  removeCondition(object, RECONCILING);
  markTrue(object, READY, reason, message, now);
  return true;
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
